"""What an operator weighs before approval: who pays, the most it can cost, what speaks against it."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Organization
from campaigns.budget.spending import month_spent_cents, organization_spent_cents
from campaigns.models import Campaign, PaymentMethod
from campaigns.setup.readiness import problems_of, warnings_of
from moments.i18n.datetimes import display_date, display_instant


@dataclass(frozen=True)
class Cost:
    """US cents. ``month_cents``: what the campaign's and the organization's limit and its own budget all allow."""

    month_cents: int
    total_cents: int
    spent_cents: int
    month_spent_cents: int
    organization_spent_cents: int
    organization_limit_cents: int


def cost_of(campaign: Campaign, *, now: dt.datetime) -> Cost:
    limit, total = campaign.organization.monthly_limit_cents, campaign.total_budget_cents
    return Cost(
        month_cents=min(campaign.monthly_limit_cents, limit, total),
        total_cents=total,
        spent_cents=campaign.total_spent_cents,
        month_spent_cents=month_spent_cents(campaign, now=now),
        organization_spent_cents=organization_spent_cents(campaign.organization, now=now),
        organization_limit_cents=limit,
    )


def payer_of(organization: Organization) -> str:
    """In words; "" where nobody pays, so that approval will be refused."""
    method = PaymentMethod.objects.filter(organization=organization).exclude(method_id="").first()
    if organization.payment_waived_at:
        day = display_date(organization.payment_waived_at.date())
        waived = _("no card is needed: payment was waived on %s") % day
        return f"{waived} ({method})" if method else waived
    return _("by card, %s") % method if method else ""


def cautions_of(campaign: Campaign, *, now: dt.datetime) -> list[str]:
    """What an operator should know before the decision; none where there is nothing left to decide."""
    if campaign.status != Campaign.Status.PENDING:
        return []
    found = [problem.message for problem in problems_of(campaign, now=now)]
    if campaign.starts_at and campaign.starts_at <= now:
        start = display_instant(campaign.starts_at, campaign.time_zone)
        if campaign.goes_live == Campaign.GoesLive.BY_DATE:
            found.append(_("Its start, %s, has passed: it goes live as soon as you approve it.") % start)
        else:
            found.append(_("Its start, %s, has passed.") % start)
    if campaign.organization.status != Organization.Status.ACTIVE:
        found.append(_("%s is suspended.") % campaign.organization)
    return found + warnings_of(campaign, now=now)
