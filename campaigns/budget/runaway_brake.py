"""The runaway brake: a campaign that suddenly issues far more than it did waits for a person."""

import datetime as dt

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.budget.holds import Held, hold_campaign
from campaigns.models import Campaign

TIMES = 5
WINDOW = dt.timedelta(minutes=5)
TRAILING = dt.timedelta(hours=24)

# Of each campaign that the brake watches: issued in the window, and on average in as long a time of the day before it.
QUERY = """
SELECT c.id, counted.recent, counted.mean
FROM campaigns_campaign c, LATERAL (
    SELECT count(*) FILTER (WHERE e.occurred_at > greatest(%(window)s, c.brake_counts_from)) AS recent,
           count(*) FILTER (WHERE e.occurred_at <= %(window)s)::numeric / %(windows)s AS mean
    FROM campaigns_budgetentry e
    WHERE e.campaign_id = c.id AND e.occurred_at > %(trailing)s AND e.occurred_at <= %(now)s AND e.kind = 'reward'
) counted
WHERE c.status = 'live' AND c.brake_is_on AND c.held_at IS NULL
    AND counted.recent > greatest(c.brake_floor, %(times)s * counted.mean)
"""


def brake_runaways(*, now: dt.datetime) -> int:
    """Hold every campaign that issued more in 5 minutes than its floor and 5 × its mean of the last day; how many."""
    values = {"now": now, "window": now - WINDOW, "trailing": now - WINDOW - TRAILING}
    with connection.cursor() as cursor:
        cursor.execute(QUERY, {**values, "windows": TRAILING // WINDOW, "times": TIMES})
        found = cursor.fetchall()
    campaigns = Campaign.objects.select_related("organization").in_bulk([row[0] for row in found])
    text = _("%(recent)d rewards in 5 minutes; on average of the day before it was %(mean).1f.")
    return sum(
        hold_campaign(campaigns[pk], because=Held.BRAKE, why=text % {"recent": recent, "mean": float(mean)}, now=now)
        for pk, recent, mean in found
    )


def trust_until(campaign: Campaign, until: dt.datetime) -> None:
    """A person has confirmed what is issued until then, its number and its cost: the brake counts what comes after."""
    later = Q(brake_counts_from=None) | Q(brake_counts_from__lt=until)
    Campaign.objects.filter(later, pk=campaign.pk).update(brake_counts_from=until)
