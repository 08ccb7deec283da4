"""Console pages for actions on a campaign, and for duplicating it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from campaigns.budget import spending
from campaigns.setup import service as setup
from campaigns.setup.moment_costs import pairs_of
from console.campaigns.actions import ACTIONS, NEEDS_CONFIRMATION
from console.campaigns.views import campaign_of
from moments import clock
from moments.errors import RuleViolation


@member_required(*EDITORS)
def act(request: MemberRequest, pk: UUID, name: str) -> HttpResponse:
    """Perform an action on the campaign. Those in ``NEEDS_CONFIRMATION`` show a confirmation page first."""
    campaign = campaign_of(request, pk)
    if name not in ACTIONS:
        raise Http404
    label, service = ACTIONS[name]
    if request.method != "POST":
        if name not in NEEDS_CONFIRMATION:
            raise Http404
        context = {"campaign": campaign, "name": name, "label": label, "consequence": NEEDS_CONFIRMATION[name]}
        if name == "go-live":
            context |= {"costs": pairs_of(campaign), "most": spending.most_this_month_cents(campaign, now=clock.now())}
        return render(request, "console/campaigns/confirm.html", context)
    extra = {"reason": request.POST.get("reason", "")[:500].replace("\x00", "")} if name == "take-down" else {}
    try:
        service(campaign, by=request.user, now=clock.now(), **extra)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        is_now = _("archived") if campaign.archived_at else campaign.get_status_display()
        messages.success(request, _("“%(campaign)s” is %(status)s.") % {"campaign": campaign, "status": is_now})
    return redirect("console:campaigns:detail", pk)


@require_POST
@member_required(*EDITORS)
def duplicate(request: MemberRequest, pk: UUID) -> HttpResponse:
    try:
        copy = setup.duplicate_campaign(campaign_of(request, pk), by=request.member, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("console:campaigns:detail", pk)
    messages.success(request, _("This is the copy. Give it a name and dates."))
    return redirect("console:campaigns:details", copy.pk)
