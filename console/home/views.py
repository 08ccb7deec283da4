"""Console start page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.organizations.access import MemberRequest, member_required
from campaigns.models import Campaign
from console.home.dashboard import dashboard_of
from moments import clock


@require_safe
@member_required()
def home(request: MemberRequest) -> HttpResponse:
    context = {"home": dashboard_of(request.member, now=clock.now()), "live": Campaign.Status.LIVE}
    return render(request, "console/home/home.html", context)
