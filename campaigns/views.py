"""Console pages: the list of campaigns, one campaign, and what can be done with it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import EDITORS, member_required
from campaigns import budget, services, states
from campaigns.forms import NewCampaignForm
from campaigns.holds import release_brake
from campaigns.models import Campaign, RewardGroup
from campaigns.readiness import problems_of
from campaigns.snippets import request_body, snippet
from moments import clock
from moments.errors import RuleViolation
from moments.forms import add_refusal

Status = Campaign.Status


def campaign_of(request, pk) -> Campaign:
    """A stranger's campaign is not found, exactly like one that does not exist."""
    found = Campaign.objects.visible_to(request.member).select_related("app", "organization", "banner")
    return get_object_or_404(found, pk=pk)


@member_required()
def campaigns(request):
    found = Campaign.objects.visible_to(request.member).filter(archived_at=None).select_related("app", "banner")
    status = request.GET.get("status", "")
    shown = found.filter(status=status) if status in Status.values else found
    context = {"campaigns": shown, "status": status, "statuses": Status.choices, "any": found.exists()}
    return render(request, "campaigns/list.html", context)


@member_required(*EDITORS)
def new(request):
    organization = request.member.organization
    if not organization.apps.filter(archived_at=None).exists():
        messages.info(request, _("A campaign belongs to an app; register yours first."))
        return redirect("accounts:new_app" if request.member.may_manage else "accounts:apps")
    form = NewCampaignForm(request.POST or None, organization=organization, initial=prefilled(request))
    if request.method == "POST" and form.is_valid():
        try:
            campaign = services.create_campaign(request.member, **form.cleaned_data, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("campaigns:details", campaign.pk)
    return render(request, "campaigns/new.html", {"form": form})


def prefilled(request) -> dict:
    """What a guide's link begins a campaign with."""
    kind = request.GET.get("kind", "")
    found = {"name": request.GET.get("name", "")[:120].replace("\x00", "")}
    return {**found, "kind": kind} if kind in Campaign.Kind.values else found


@member_required()
def detail(request, pk):
    campaign, now = campaign_of(request, pk), clock.now()
    moments = list(campaign.moments.all())
    groups = list(campaign.groups.select_related("marketplace", "category").prefetch_related("choices__product"))
    context = {
        "campaign": campaign,
        "moments": moments,
        "groups": groups,
        "offers_products": RewardGroup.Kind.PRODUCTS,
        "month_spent": budget.month_spent_cents(campaign, now=now),
        "remaining": budget.remaining_cents(campaign, now=now),
        "history": campaign.history.select_related("by"),
        "problems": problems_of(campaign, now=now) if campaign.status in Campaign.EDITABLE else [],
        "rejection": campaign.versions.filter(decision="rejected").first() if campaign.status == "rejected" else None,
        "acts": acts_of(campaign) if request.member.may_edit else [],
        "can_edit": request.member.may_edit and campaign.status in Campaign.EDITABLE,
        "snippet": snippet("curl", "GetReward", request_body(campaign, moments[0], groups[0])) if groups else "",
    }
    return render(request, "campaigns/detail.html", context)


# What a button does: its label, the service, whether it is the page's main one, what is asked before.
ACTS = {
    "submit": (gettext_lazy("Submit for approval"), states.submit_for_approval),
    "withdraw": (gettext_lazy("Withdraw"), states.withdraw_campaign),
    "reopen": (gettext_lazy("Reopen for editing"), states.reopen_for_editing),
    "go-live": (gettext_lazy("Go live"), states.go_live),
    "take-down": (gettext_lazy("Take down"), states.take_down),
    "resume": (gettext_lazy("Resume"), states.resume),
    "finish": (gettext_lazy("Finish"), states.finish),
    "release": (gettext_lazy("Release"), release_brake),
}
POSSIBLE = {
    Status.DRAFT: ["submit"],
    Status.REJECTED: ["submit"],
    Status.PENDING: ["withdraw"],
    Status.APPROVED: ["go-live", "take-down", "reopen"],
    Status.LIVE: ["take-down", "finish"],
    Status.SUSPENDED: ["resume", "finish"],
    Status.FINISHED: [],
}
CONFIRMED = {
    "finish": gettext_lazy("No more rewards are issued, for good. What was issued stays good until it expires."),
    "take-down": gettext_lazy("Nothing is issued until you resume. What was issued stays good."),
    "release": gettext_lazy("It goes on issuing as fast as your server asks, inside its budget and limits."),
    "reopen": gettext_lazy("It becomes a draft, to be approved anew before it can go live."),
}


def acts_of(campaign: Campaign) -> list[tuple[str, str]]:
    """(name, label) of what can be done now, the main one first."""
    released = ["release"] if campaign.held_because == Campaign.Held.BRAKE else []
    possible = released + POSSIBLE[campaign.status]
    return [(name, str(ACTS[name][0])) for name in possible]


@member_required(*EDITORS)
def act(request, pk, name):
    """A step in the campaign's life; those that hurt are confirmed on a page of their own."""
    campaign = campaign_of(request, pk)
    if name not in ACTS:
        raise Http404
    label, service = ACTS[name]
    if request.method != "POST":
        if name not in CONFIRMED:
            raise Http404
        context = {"campaign": campaign, "name": name, "label": label, "consequence": CONFIRMED[name]}
        return render(request, "campaigns/confirm.html", context)
    extra = {"reason": request.POST.get("reason", "")[:500].replace("\x00", "")} if name == "take-down" else {}
    try:
        service(campaign, by=request.user, now=clock.now(), **extra)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        what = _("“%(campaign)s” is %(status)s.")
        messages.success(request, what % {"campaign": campaign, "status": campaign.get_status_display()})
    return redirect("campaigns:detail", pk)


@require_POST
@member_required(*EDITORS)
def duplicate(request, pk):
    try:
        copy = services.duplicate_campaign(campaign_of(request, pk), by=request.member, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("campaigns:detail", pk)
    messages.success(request, _("This is the copy. Give it a name and dates."))
    return redirect("campaigns:details", copy.pk)


def editable_of(request, pk) -> Campaign:
    """The campaign, for the steps of the editor: not while it is frozen."""
    campaign = campaign_of(request, pk)
    if campaign.status not in Campaign.EDITABLE:
        raise PermissionDenied(_("This campaign is %s; only a draft can be edited.") % campaign.get_status_display())
    return campaign
