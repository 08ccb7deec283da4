"""Pages over every app: the landing page, where one comes to after signing in, the console's first page."""

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import member_required
from campaigns.models import Campaign
from moments import clock
from redemption.alarms import alarms
from redemption.home import home_of


def landing(request):
    return render(request, "redemption/landing.html")


@never_cache
@require_safe
def statusz(request):
    """For monitors: 200 where all is well, else 503 with the codes of what an operator should look at."""
    codes = sorted({alarm.code for alarm in alarms(now=clock.now())})
    return JsonResponse({"ok": not codes, "alarms": codes}, status=503 if codes else 200)


@login_required
def after_sign_in(request):
    """Members to their console, operators to theirs, customers to their rewards; who is new registers."""
    if request.user.memberships.exists():
        return redirect("redemption:home")
    if request.user.is_staff:
        return redirect("admin:index")
    return redirect("redemption:my_rewards" if request.user.rewards.exists() else "accounts:new_organization")


@member_required()
def home(request):
    context = {"home": home_of(request.member, now=clock.now()), "live": Campaign.Status.LIVE}
    return render(request, "redemption/home.html", context)
