"""What may still be spent. The caps themselves hold in the database, where rewards are issued."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from campaigns.approval.history import record_change
from campaigns.models import Campaign, CampaignMonth, OrganizationMonth
from moments.errors import RuleViolation
from moments.money import display

LEAST_TOTAL_CENTS = 5_000
Status = Campaign.Status


def month_of(now: dt.datetime) -> dt.date:
    """The first day of the calendar month (UTC) that ``now`` lies in."""
    return now.astimezone(dt.UTC).date().replace(day=1)


def month_end(now: dt.datetime) -> dt.datetime:
    """When the next calendar month (UTC) begins."""
    first = (month_of(now) + dt.timedelta(days=31)).replace(day=1)
    return dt.datetime.combine(first, dt.time(), dt.UTC)


def month_spent_cents(campaign: Campaign, *, now: dt.datetime) -> int:
    return _spent(CampaignMonth.objects.filter(campaign=campaign), now)


def organization_spent_cents(organization: Organization, *, now: dt.datetime) -> int:
    return _spent(OrganizationMonth.objects.filter(organization=organization), now)


def _spent(months: QuerySet[Any], now: dt.datetime) -> int:
    return months.filter(month=month_of(now)).values_list("spent_cents", flat=True).first() or 0


def remaining_cents(campaign: Campaign, *, now: dt.datetime) -> int:
    """US cents that the total budget, the campaign's month and the organization's month all still allow."""
    return remaining_of([campaign], now=now)[campaign.pk]


def remaining_of(campaigns: Collection[Campaign], *, now: dt.datetime) -> dict[uuid.UUID, int]:
    """``remaining_cents`` of several campaigns, in two queries."""
    month = month_of(now)
    ours = CampaignMonth.objects.filter(campaign__in=campaigns, month=month)
    spent = dict(ours.values_list("campaign_id", "spent_cents"))
    organizations = {campaign.organization_id for campaign in campaigns}
    theirs = OrganizationMonth.objects.filter(organization__in=organizations, month=month)
    spent_by = dict(theirs.values_list("organization_id", "spent_cents"))
    left = {}
    for campaign in campaigns:
        organization = campaign.organization
        of_each = (
            campaign.total_budget_cents - campaign.total_spent_cents,
            campaign.monthly_limit_cents - spent.get(campaign.pk, 0),
            organization.monthly_limit_cents - spent_by.get(organization.pk, 0),
        )
        left[campaign.pk] = max(min(of_each), 0)
    return left


def most_this_month_cents(campaign: Campaign, *, now: dt.datetime) -> int:
    """The most that the campaign can cost in the current month, what is spent already included."""
    return month_spent_cents(campaign, now=now) + remaining_cents(campaign, now=now)


def remaining_count(campaign: Campaign, cpa_cents: int, *, now: dt.datetime) -> int:
    """How many rewards at ``cpa_cents`` that is."""
    return remaining_cents(campaign, now=now) // cpa_cents if cpa_cents > 0 else 0


def set_limits(
    campaign: Campaign, *, total_budget_cents: int, monthly_limit_cents: int, by: User | None, now: dt.datetime
) -> None:
    """Change what a campaign may spend; any time before it has finished. Never below what is spent already."""
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if locked.status in {Status.FINISHED, Status.PENDING}:
            message = _("The budget of a campaign that is %s stays as it is.") % locked.get_status_display()
            raise RuleViolation("not_editable", message)
        months = lock_months(CampaignMonth, limit_cents=locked.monthly_limit_cents, now=now, campaign=locked)
        refuse_bad_limits(locked, total_budget_cents, monthly_limit_cents, spent_this_month=most_spent(months))
        months.update(limit_cents=monthly_limit_cents)
        changes = {"total_budget_cents": total_budget_cents, "monthly_limit_cents": monthly_limit_cents}
        if locked.status not in Campaign.EDITABLE:
            why = _("Total %(total)s, a month %(month)s.") % {
                "total": display(total_budget_cents),
                "month": display(monthly_limit_cents),
            }
            record_change(locked, "budget changed", by=by, why=why, now=now)
        Campaign.objects.filter(pk=locked.pk).update(**changes)
    campaign.refresh_from_db(fields=list(changes))


def lock_months(model: Any, *, limit_cents: int, now: dt.datetime, **owner: Any) -> QuerySet[Any]:
    """The month of ``now``, made where it is missing, and any begun since; locked. Lock the owner first."""
    month = month_of(now)
    model.objects.get_or_create(month=month, defaults={"limit_cents": limit_cents}, **owner)
    months = model.objects.filter(month__gte=month, **owner)
    list(months.select_for_update(no_key=True).order_by("month"))
    return months


def most_spent(months: QuerySet[Any]) -> int:
    return max(months.values_list("spent_cents", flat=True))


def refuse_bad_limits(campaign: Campaign, total: int, monthly: int, *, spent_this_month: int) -> None:
    least = max(LEAST_TOTAL_CENTS, campaign.total_spent_cents)
    if total < least:
        message = _("A total budget of %(given)s is too small; at least %(least)s is needed.")
        values = {"given": display(total), "least": display(least)}
        raise RuleViolation("budget_too_small", message % values, field="total_budget_cents")
    if monthly > campaign.monthly_ceiling_cents:
        message = _("%(given)s a month is above this campaign's highest limit of %(most)s. Ask us to raise it.")
        values = {"given": display(monthly), "most": display(campaign.monthly_ceiling_cents)}
        raise RuleViolation("limit_too_high", message % values, field="monthly_limit_cents")
    least = max(1, spent_this_month)
    if monthly < least:
        message = _("%(given)s a month is too little; at least %(least)s is needed.")
        values = {"given": display(monthly), "least": display(least)}
        raise RuleViolation("limit_too_low", message % values, field="monthly_limit_cents")
