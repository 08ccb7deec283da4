"""Console pages for spending limits and call rates, and to request higher ones."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import SupportRequest
from accounts.organizations.access import EDITORS, MemberRequest, member_required
from accounts.support.requests import open_support_request
from api.limits import default_rate
from campaigns.budget.spending import month_end, organization_spent_cents
from campaigns.models import Campaign
from console.home.dashboard import unfinished
from console.limits.forms import LimitForm
from moments import clock
from rewards.reporting.spend_forecast import spend_forecasts


@require_safe
@member_required()
def limits(request: MemberRequest) -> HttpResponse:
    """Show the organization's month, each campaign's month and total, and each app's call rate."""
    now, organization = clock.now(), request.member.organization
    campaigns = unfinished(Campaign.objects.visible_to(request.member).filter(archived_at=None))
    foreseen = spend_forecasts(campaigns, now=now)
    spent = organization_spent_cents(organization, now=now)
    context = {
        "spent": spent,
        "limit": organization.monthly_limit_cents,
        "left": max(organization.monthly_limit_cents - spent, 0),
        "month_end": month_end(now),
        "campaigns": [(campaign, foreseen[campaign.pk]) for campaign in campaigns],
        "apps": organization.apps.filter(archived_at=None),
        "rate": default_rate(),
        "changes": organization.limit_changes.all()[:10],
        "asked": organization.support_requests.filter(kind=SupportRequest.Kind.LIMIT)[:5],
    }
    return render(request, "console/limits/list.html", context)


@member_required(*EDITORS)
def ask(request: MemberRequest) -> HttpResponse:
    form = LimitForm(request.POST or None, member=request.member, initial={"what": request.GET.get("what", "")})
    if request.method == "POST" and form.is_valid():
        made = open_support_request(request, kind=SupportRequest.Kind.LIMIT, subject=form.subject(), body=form.body())
        messages.success(request, _("Sent. We answer by email and on this page."))
        return redirect("console:support:detail", made.pk)
    return render(request, "console/limits/request.html", {"form": form})
