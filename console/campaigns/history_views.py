"""Console pages for a campaign's history and its differences from the approved version."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.organizations.access import MemberRequest, member_required
from campaigns.approval.compare import compare_with_approved
from console.campaigns.views import campaign_of
from moments import clock

PAGE = 50


@require_safe
@member_required()
def history(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the history, newest first. ``before`` is the id of the last entry of the previous page."""
    campaign = campaign_of(request, pk)
    lines, before = campaign.history.select_related("actor").order_by("-id"), request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        lines = lines.filter(pk__lt=int(before))
    shown = list(lines[: PAGE + 1])
    context = {
        "campaign": campaign,
        "lines": shown[:PAGE],
        "older": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "versions": campaign.versions.select_related("submitted_by", "decided_by").defer("content")[:PAGE],
    }
    return render(request, "console/campaigns/history.html", context)


@require_safe
@member_required()
def compare(request: MemberRequest, pk: UUID) -> HttpResponse:
    campaign = campaign_of(request, pk)
    comparison = compare_with_approved(campaign, now=clock.now())
    return render(request, "console/campaigns/compare.html", {"campaign": campaign, "comparison": comparison})
