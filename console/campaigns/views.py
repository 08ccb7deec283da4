"""Console pages for a new and a single campaign, and the access checks of the other campaign pages."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from campaigns.budget import spending
from campaigns.models import Campaign, CampaignVersion, RewardGroup
from campaigns.setup import service as setup
from campaigns.setup.moment_costs import pairs_of
from campaigns.setup.readiness import problems_of
from console.campaigns.actions import actions_of
from console.campaigns.forms import NewCampaignForm
from console.developers.snippets import request_body, snippet
from moments import clock
from moments.errors import RuleViolation
from moments.web.forms import add_refusal

LATEST = 6  # history entries on a campaign's page


def campaign_of(request: MemberRequest, pk: UUID) -> Campaign:
    """Return the campaign. Raises ``Http404`` for one of another organization, as for one that does not exist."""
    found = Campaign.objects.visible_to(request.member).select_related("app", "organization", "banner")
    return get_object_or_404(found, pk=pk)


@member_required(*EDITORS)
def new(request: MemberRequest) -> HttpResponse:
    organization = request.member.organization
    if not organization.apps.filter(archived_at=None).exists():
        messages.info(request, _("A campaign belongs to an app; register yours first."))
        return redirect("console:developers:new_app" if request.member.may_manage else "console:developers:apps")
    form = NewCampaignForm(request.POST or None, organization=organization, initial=prefilled(request))
    if request.method == "POST" and form.is_valid():
        try:
            campaign = setup.create_campaign(request.member, **form.cleaned_data, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("console:campaigns:details", campaign.pk)
    return render(request, "console/campaigns/new.html", {"form": form})


def prefilled(request: MemberRequest) -> dict:
    """Return initial values from the link of a playbook."""
    kind = request.GET.get("kind", "")
    found = {"name": request.GET.get("name", "")[:120].replace("\x00", "")}
    return {**found, "kind": kind} if kind in Campaign.Kind.values else found


@require_safe
@member_required()
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    campaign, now = campaign_of(request, pk), clock.now()
    moments = list(campaign.moments.all())
    groups = list(campaign.groups.select_related("marketplace", "category").prefetch_related("choices__product"))
    context = {
        "campaign": campaign,
        "moments": moments,
        "groups": groups,
        "costs": pairs_of(campaign),
        "offers_products": RewardGroup.Kind.PRODUCTS,
        "month_spent": spending.month_spent_cents(campaign, now=now),
        "remaining": spending.remaining_cents(campaign, now=now),
        "history": campaign.history.select_related("actor")[:LATEST],
        "was_approved": campaign.rewards_expire_at is not None,
        "problems": problems_of(campaign, now=now) if campaign.is_editable else [],
        "rejection": rejection_of(campaign),
        "acts": actions_of(campaign) if request.member.may_edit else [],
        "can_edit": request.member.may_edit and campaign.is_editable,
        "snippet": snippet("curl", "GetReward", request_body(campaign, moments[0], groups[0])) if groups else "",
    }
    return render(request, "console/campaigns/detail.html", context)


def rejection_of(campaign: Campaign) -> CampaignVersion | None:
    """Return the rejected version of a campaign that has to be changed and submitted again, or None."""
    if campaign.status != Campaign.Status.REJECTED:
        return None
    return campaign.versions.filter(decision=CampaignVersion.Decision.REJECTED).first()


def editable_of(request: MemberRequest, pk: UUID) -> Campaign:
    """Return the campaign for the editor. Raises ``PermissionDenied`` if it is archived or not editable."""
    campaign = campaign_of(request, pk)
    if campaign.archived_at:
        raise PermissionDenied(_("This campaign is archived; bring it back first."))
    if campaign.status not in Campaign.EDITABLE:
        raise PermissionDenied(_("This campaign is %s; only a draft can be edited.") % campaign.get_status_display())
    return campaign
