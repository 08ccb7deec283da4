"""Console pages: exchanges that members make for users, and stuck ones."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from console.points.access import program_of, tier_of, within
from console.points.user_views import page_of_user
from moments import clock
from moments.errors import RuleViolation
from rewards.models import StuckExchange
from rewards.points import automatic
from rewards.points import exchanges as point_exchanges


@require_POST
@member_required(*EDITORS)
def exchange(request: MemberRequest, pk: UUID, tier_pk: int) -> HttpResponse:
    """Exchange a user's points for the tier's reward; a repeat shows the same reward URL."""
    found = program_of(request, pk)
    tier = tier_of(found, tier_pk)
    user, key = request.POST.get("user", "")[:128], request.POST.get("once", "")[:200]
    app = found.current_apps.order_by("name").first()
    if "\x00" in user + key or not user.strip() or not key.strip() or app is None:
        return redirect("console:points:users", pk)
    back = page_of_user(found, user)
    try:
        issued = point_exchanges.exchange_points(app, app_user_id=user, tier=tier, idempotency_key=key, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect(back)
    return render(
        request, "console/points/exchanged.html", {"program": found, "issued": issued, "back": back, "user_id": user}
    )


def stuck_of(request: MemberRequest, pk: UUID, stuck_pk: int) -> StuckExchange:
    stuck = StuckExchange.objects.filter(tier__program=program_of(request, pk))
    return get_object_or_404(stuck.select_related("tier__program", "account", "event__app"), pk=within(stuck_pk))


@require_POST
@member_required(*EDITORS)
def retry_stuck(request: MemberRequest, pk: UUID, stuck_pk: int) -> HttpResponse:
    """Make a stuck exchange now; its reward URL is on the next page and in the user's exchanges."""
    stuck = stuck_of(request, pk, stuck_pk)
    back = reverse("console:points:program", args=[pk])
    try:
        issued = automatic.retry_stuck_exchange(stuck, by=request.member, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect(back)
    context = {"program": stuck.tier.program, "issued": issued, "back": back}
    return render(request, "console/points/exchanged.html", {**context, "user_id": stuck.account.app_user_id})


@require_POST
@member_required(*EDITORS)
def dismiss_stuck(request: MemberRequest, pk: UUID, stuck_pk: int) -> HttpResponse:
    automatic.dismiss_stuck_exchange(stuck_of(request, pk, stuck_pk), by=request.member, now=clock.now())
    messages.success(request, _("The exchange is dismissed. The user keeps the points."))
    return redirect("console:points:program", pk)
