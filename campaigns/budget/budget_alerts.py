"""A word at 50, 80 and 100 % of a cap."""

import datetime as dt

from django.db.models import Min
from django.utils.translation import gettext_noop

from campaigns.budget.spending import month_of
from campaigns.emails import mail_threshold
from campaigns.models import Campaign, CampaignMonth, OrganizationMonth
from outbox.service import record_event

PERCENTS = (100, 80, 50)


def send_budget_alerts(*, now: dt.datetime) -> int:
    """Mail about every cap that has been reached since; each percentage of each cap once. How many were looked at."""
    month = month_of(now)
    live = Campaign.objects.filter(status=Campaign.Status.LIVE).select_related("organization")
    live = live.annotate(least_cpa=Min("moments__costs__cpa_cents"))
    months = {row.campaign_id: row for row in CampaignMonth.objects.filter(month=month)}
    organizations = {row.organization_id: row for row in OrganizationMonth.objects.filter(month=month)}
    for campaign in live:
        mine, ours = months.get(campaign.pk), organizations.get(campaign.organization_id)
        spent, limit = campaign.total_spent_cents, campaign.total_budget_cents
        _warn(campaign, gettext_noop("total budget"), f"total:{campaign.pk}:{limit}", spent, limit, now)
        if mine:
            scope = f"month:{campaign.pk}:{month}:{mine.limit_cents}"
            _warn(campaign, gettext_noop("monthly limit"), scope, mine.spent_cents, mine.limit_cents, now)
        if ours:
            scope = f"organization:{campaign.organization_id}:{month}:{ours.limit_cents}"
            name = gettext_noop("organization's monthly limit")
            _warn(campaign, name, scope, ours.spent_cents, ours.limit_cents, now)
    return len(live)


def _warn(campaign: Campaign, what: str, scope: str, spent: int, limit: int, now: dt.datetime) -> None:
    """100 % is reached when what is left is less than the cheapest of the campaign's rewards."""
    percent = next((percent for percent in PERCENTS if limit and spent * 100 >= limit * percent), None)
    if percent and spent + campaign.least_cpa > limit:  # type: ignore[attr-defined]  # annotated above
        percent = 100
    if percent is None:
        return
    dedupe_key = f"budget:{scope}:{percent}"
    payload = {"campaign": str(campaign.pk), "cap": what, "percent": percent}
    if record_event(campaign.organization, "budget.threshold", payload, dedupe_key=dedupe_key, now=now):
        mail_threshold(campaign, what, percent, spent, limit, dedupe_key=dedupe_key, now=now)
