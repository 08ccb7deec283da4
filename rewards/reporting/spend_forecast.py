"""Forecast of when a campaign reaches a spending limit at its current pace."""

import datetime as dt
import enum
import math
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from campaigns.budget.spending import month_end, month_of
from campaigns.models import Campaign, CampaignMonth, OrganizationMonth
from rewards.models import DailyRewardTotals

RECENT_DAYS = 7  # full days, plus the elapsed part of today


class Cap(enum.StrEnum):
    """The limit that refuses the next reward."""

    TOTAL = "total"
    MONTH = "month"
    ORGANIZATION = "organization"


@dataclass(frozen=True)
class SpendForecast:
    """A forecast in US cents; ``pace_cents`` is per day. ``exhausted_on`` is the UTC day on which the limit ``by`` is
    reached; None if the money lasts until the end of the campaign or month.
    """

    month_cents: int
    limit_cents: int
    total_left_cents: int
    pace_cents: float
    exhausted_on: dt.date | None
    by: Cap | None

    @property
    def left_cents(self) -> int:
        """Return the remaining amount of the campaign's month."""
        return max(self.limit_cents - self.month_cents, 0)


def spend_forecasts(campaigns: list[Campaign], *, now: dt.datetime) -> dict[object, SpendForecast]:
    """Return forecasts by campaign id, for campaigns of one organization. Runs three queries for any number of
    campaigns.
    """
    if not campaigns:
        return {}
    organization, month = campaigns[0].organization, month_of(now)
    spent = dict(_recent(organization.pk, now))
    rows = CampaignMonth.objects.filter(campaign__in=campaigns, month=month)
    months = {row.campaign_id: (row.spent_cents, row.limit_cents) for row in rows}
    ours = OrganizationMonth.objects.filter(organization=organization, month=month).first()
    our_left = (ours.limit_cents - ours.spent_cents) if ours else organization.monthly_limit_cents
    shared = _day(our_left, sum(spent.values()) / _days(None, now), month_end(now), now=now)
    return {
        campaign.pk: _outlook(
            campaign,
            months.get(campaign.pk, (0, campaign.monthly_limit_cents)),
            pace=spent.get(campaign.pk, 0) / _days(campaign, now),
            shared=shared,
            now=now,
        )
        for campaign in campaigns
    }


def _outlook(
    campaign: Campaign, month: tuple[int, int], *, pace: float, shared: dt.date, now: dt.datetime
) -> SpendForecast:
    spent, limit = month
    left = campaign.total_budget_cents - campaign.total_spent_cents
    ends = {
        Cap.TOTAL: _day(left, pace, campaign.ends_at, now=now),
        Cap.MONTH: _day(limit - spent, pace, month_end(now), now=now),
        Cap.ORGANIZATION: shared,
    }
    first = min(ends, key=lambda cap: ends[cap])
    lasts = ends[first] == dt.date.max
    return SpendForecast(spent, limit, max(left, 0), pace, None if lasts else ends[first], None if lasts else first)


def _recent(organization_id: int, now: dt.datetime) -> Any:
    since = now.astimezone(dt.UTC).date() - dt.timedelta(days=RECENT_DAYS)
    days = DailyRewardTotals.objects.filter(organization=organization_id, day__gte=since)
    return days.order_by().values_list("campaign_id").annotate(Sum("cents"))


def _days(campaign: Campaign | None, now: dt.datetime) -> float:
    """Return the number of days of recent spending: at most 7 and today's part, fewer for a new campaign, at least
    1.
    """
    utc = now.astimezone(dt.UTC)
    today = (utc - utc.replace(hour=0, minute=0, second=0, microsecond=0)) / dt.timedelta(days=1)
    whole = RECENT_DAYS + today
    if campaign and campaign.starts_at:
        whole = min(whole, (now - campaign.starts_at) / dt.timedelta(days=1))
    return max(whole, 1.0)


def _day(left_cents: int, pace: float, until: dt.datetime | None, *, now: dt.datetime) -> dt.date:
    """Return the day on which ``left_cents`` are spent; ``date.max`` if that is never or not before ``until``."""
    if left_cents <= 0:
        return now.astimezone(dt.UTC).date()
    days = left_cents / pace if pace else math.inf
    if days > 3650 or (until and now + dt.timedelta(days=days) >= until):
        return dt.date.max
    return (now + dt.timedelta(days=days)).astimezone(dt.UTC).date()
