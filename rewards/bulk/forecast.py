"""Forecast of the rewards that an upload would issue, shown before it is confirmed."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, OuterRef, Value
from django.db.models.functions import Concat

from campaigns.budget import spending
from campaigns.setup.moment_costs import pairs_of
from moments.errors import RuleViolation
from rewards.issuing.preflight import refuse_unless_live
from rewards.models import BatchRow, Reward, RewardBatch

Waiting = BatchRow.Status.WAITING


@dataclass
class Forecast:
    """The outcome of an upload. Cents are US cents. ``costs`` maps (moment, reward group) to (lines, cents) to be
    issued.
    """

    lines: int = 0
    issued: int = 0
    cents: int = 0
    had_already: int = 0
    issued_keys: int = 0
    over_limit: int = 0
    over_limit_cents: int = 0
    left_cents: int = 0
    obstacle: str = ""
    issued_before: RewardBatch | None = None
    costs: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


def forecast_of(batch: RewardBatch, *, now: dt.datetime) -> Forecast:
    """Go through the valid lines in order, as the worker does. Repeats and users at their limit cost nothing. Once a
    cap refuses a moment in a reward group, its later lines are refused too.
    """
    found = Forecast(left_cents=spending.remaining_cents(batch.campaign, now=now), obstacle=_obstacle(batch, now))
    prices = _prices(batch)
    keys, had = _issued_keys(batch), _rewards_by_user(batch)
    left, stopped = found.left_cents, set()
    rows = batch.rows.filter(status=Waiting).order_by("line").values_list("moment", "group", "app_user_id", "key")
    for moment, group, user, key in rows.iterator(chunk_size=5000):
        found.lines += 1
        cents = prices.get((moment, group), 0)
        if key and key in keys:
            found.issued_keys += 1
        elif user and had[moment, user] >= batch.campaign.per_user_limit:
            found.had_already += 1
        elif (moment, group) in stopped or cents > left:
            stopped.add((moment, group))
            found.over_limit, found.over_limit_cents = found.over_limit + 1, found.over_limit_cents + cents
        else:
            left -= cents
            had[moment, user] += 1
            found.issued, found.cents = found.issued + 1, found.cents + cents
            lines, sum_cents = found.costs.get((moment, group), (0, 0))
            found.costs[moment, group] = (lines + 1, sum_cents + cents)
    twins = RewardBatch.objects.filter(campaign=batch.campaign, sha256=batch.sha256, confirmed_at__isnull=False)
    found.issued_before = twins.order_by("-confirmed_at").first()
    return found


def _obstacle(batch: RewardBatch, now: dt.datetime) -> str:
    try:
        refuse_unless_live(batch.campaign, now=now)
    except RuleViolation as refused:
        return refused.message
    return ""


def _prices(batch: RewardBatch) -> dict[tuple[str, str], int]:
    return {(moment.key, group.key): cents for moment, group, cents in pairs_of(batch.campaign)}


def _issued_keys(batch: RewardBatch) -> set[str]:
    """Return the keys of the file that were already used to issue a reward of the app."""
    named = batch.rows.filter(status=Waiting).exclude(key="").annotate(full=Concat(Value("csv:"), F("key")))
    known = Reward.objects.filter(app_id=batch.campaign.app_id, idempotency_key=OuterRef("full"))
    return set(named.filter(Exists(known)).values_list("key", flat=True))


def _rewards_by_user(batch: RewardBatch) -> Counter[tuple[str, str]]:
    """Count the rewards per moment and user that count toward the limit, for the users in the file."""
    users = batch.rows.filter(status=Waiting).exclude(app_user_id="").values("app_user_id")
    theirs = Reward.objects.filter(moment__campaign_id=batch.campaign_id, app_user_id__in=users)
    counted = theirs.order_by().values_list("moment__key", "app_user_id").annotate(count=Count("user_slot"))
    return Counter({(moment, user): count for moment, user, count in counted})
