"""Pages over every app: the landing page, where one comes to after signing in, the console's first page."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.organizations.access import member_required
from campaigns.models import Campaign
from console.home.dashboard import home_of
from moments import clock
from operations.alarms import OF_THE_MACHINE, alarms


@require_safe
def landing(request):
    return render(request, "redemption/landing.html")


def is_monitor(request) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.MONITOR_TOKEN) and constant_time_compare(given, settings.MONITOR_TOKEN)


@never_cache
@require_safe
def statusz(request):
    """For monitors: 200 where all is well, else 503 with the codes of what an operator should look at.

    Without the monitor's token it tells of the machine alone: what moves with orders and mails, or with somebody's
    campaign, is nobody else's business.
    """
    codes = sorted({alarm.code for alarm in alarms(now=clock.now())})
    if not is_monitor(request):
        codes = [code for code in codes if code in OF_THE_MACHINE]
    return JsonResponse({"ok": not codes, "alarms": codes}, status=503 if codes else 200)


@login_required
def after_sign_in(request):
    """Members to their console, operators to theirs, everybody else to their account, which leads on to registering an
    organization too: who has no reward may have come for one that is over."""
    if request.user.memberships.exists():
        return redirect("redemption:home")
    return redirect("admin:index" if request.user.is_staff else "redemption:my")


@require_safe
@member_required()
def home(request):
    context = {"home": home_of(request.member, now=clock.now()), "live": Campaign.Status.LIVE}
    return render(request, "redemption/home.html", context)
