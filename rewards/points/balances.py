"""What a user has now: computed from open batches, so that it needs no sweep and no history."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from moments.errors import RuleViolation
from rewards.models import PointEntry, PointExchange, PointsProgram, PointStatus, PointTier
from rewards.points.lookups import ledger_of
from rewards.points.rulebook import calendar_of
from rewards.points.setup.tiers import tiers_of
from rewards.points.statuses import days_needed, load_daily, status_on

MOST_EXPIRIES = 30  # dates that are listed, the next first

# What became available since the account was settled pays what is owed, in the order in which it did; the rest counts
# until it expires. The statement reads open batches alone, which are bounded by days.
OPEN = """
WITH opened AS (
    SELECT a.id, a.app_user_id, a.owed, b.remaining, b.expires_at,
        (b.available_at IS NULL OR b.available_at <= %(now)s) AS is_available,
        sum(b.remaining) OVER (
            PARTITION BY a.id, (b.available_at IS NULL OR b.available_at <= %(now)s)
            ORDER BY b.available_at NULLS FIRST, b.id) - b.remaining AS before
    FROM rewards_pointaccount a LEFT JOIN rewards_pointbatch b ON b.account_id = a.id AND b.remaining > 0
    WHERE a.program_id = %(program)s AND a.test_ledger = %(ledger)s AND a.app_user_id = ANY(%(users)s::text[])
), rest AS (
    SELECT *, CASE WHEN is_available THEN greatest(remaining - greatest(owed - before, 0), 0)
        ELSE remaining END AS points
    FROM opened
)
"""
SUMS = """
SELECT id, app_user_id,
    coalesce(sum(points) FILTER (WHERE is_available AND (expires_at IS NULL OR expires_at > %(now)s)), 0)::bigint,
    coalesce(sum(points) FILTER (WHERE NOT is_available), 0)::bigint,
    greatest(max(owed) - coalesce(sum(remaining) FILTER (WHERE is_available), 0), 0)::bigint
FROM rest GROUP BY id, app_user_id
"""
EXPIRIES = """
SELECT expires_at, sum(points)::bigint FROM rest WHERE expires_at > %(now)s AND points > 0
GROUP BY expires_at ORDER BY expires_at LIMIT %(most)s
"""


@dataclass(frozen=True)
class Expiry:
    points: int
    expires_at: dt.datetime


@dataclass(frozen=True)
class TierProgress:
    """A tier as one user sees it. ``progress`` is a percentage, 0 to 100."""

    tier: PointTier
    name: str
    picture: str
    progress: int
    is_used: bool
    has_status: bool
    can_exchange: bool


@dataclass(frozen=True)
class Balance:
    """A user's points at one instant. ``account_id`` is None where the user has never had an event."""

    app_user_id: str
    available: int
    pending: int
    owed: int
    account_id: int | None = None


@dataclass(frozen=True)
class UserPoints:
    """Everything that a user sees: balance, what expires when, status, tiers."""

    balance: Balance
    expiring: list[Expiry]
    status: PointStatus | None
    tiers: list[TierProgress]


def balances_of(program: PointsProgram, test_ledger: int, users: Sequence[str], now: dt.datetime) -> dict[str, Balance]:
    """Balances of those who have an account."""
    values: dict[str, Any] = {"program": program.pk, "ledger": test_ledger, "users": list(users), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(OPEN + SUMS, values)
        rows = cursor.fetchall()
    return {user: Balance(user, available, pending, owed, pk) for pk, user, available, pending, owed in rows}


def available_of(program: PointsProgram, test_ledger: int, users: Sequence[str], now: dt.datetime) -> dict[str, int]:
    return {user: found.available for user, found in balances_of(program, test_ledger, users, now).items()}


def balance_of(program: PointsProgram, app_user_id: str, *, is_live: bool = True, now: dt.datetime) -> Balance:
    """The user's balance; zeros where the user has no account."""
    found = balances_of(program, ledger_of(program, is_live=is_live), [app_user_id], now)
    return found.get(app_user_id) or Balance(app_user_id, 0, 0, 0)


def expiries_of(program: PointsProgram, app_user_id: str, *, is_live: bool = True, now: dt.datetime) -> list[Expiry]:
    """The next dates at which points expire."""
    ledger = ledger_of(program, is_live=is_live)
    values: dict[str, Any] = {"program": program.pk, "ledger": ledger, "users": [app_user_id], "now": now}
    with connection.cursor() as cursor:
        cursor.execute(OPEN + EXPIRIES, {**values, "most": MOST_EXPIRIES})
        return [Expiry(points, expires_at) for expires_at, points in cursor.fetchall()]


def user_points(program: PointsProgram, app_user_id: str, *, is_live: bool = True, now: dt.datetime) -> UserPoints:
    """The same number of statements however long the user's history is."""
    balance = balance_of(program, app_user_id, is_live=is_live, now=now)
    status = _status(program, balance, now)
    expiring = expiries_of(program, app_user_id, is_live=is_live, now=now)
    return UserPoints(balance, expiring, status, tier_progress(program, balance, status))


def tier_progress(program: PointsProgram, balance: Balance, status: PointStatus | None) -> list[TierProgress]:
    tiers = list(tiers_of(program).prefetch_related("group__choices__product"))
    used: set[int] = set()
    if balance.account_id is not None:
        once = PointExchange.objects.filter(account=balance.account_id, is_once=True)
        used = set(once.values_list("tier_id", flat=True))
    return [_progress(tier, balance, status, tier.pk in used) for tier in tiers]


def _progress(tier: PointTier, balance: Balance, status: PointStatus | None, is_used: bool) -> TierProgress:
    has_status = has_status_for(tier, status)
    return TierProgress(
        tier=tier,
        name=tier_name(tier),
        picture=tier_picture(tier),
        progress=min(balance.available * 100 // tier.points, 100),
        is_used=tier.is_once and is_used,
        has_status=has_status,
        can_exchange=balance.available >= tier.points and has_status and not (tier.is_once and is_used),
    )


def tier_name(tier: PointTier) -> str:
    """The tier's own name, else that of what the user gets."""
    if tier.name:
        return tier.name
    products = [choice.product.title for choice in tier.group.choices.all()]
    if len(products) == 1:
        return products[0]
    if products:
        return _("One of %d presents") % len(products)
    return str(tier.moment.campaign)


def tier_picture(tier: PointTier) -> str:
    """The name of a file in the default storage; "" where there is none."""
    pictures = [choice.product.picture.name or "" for choice in tier.group.choices.all()]
    return tier.picture or next(filter(None, pictures), "")


def has_status_for(tier: PointTier, status: PointStatus | None) -> bool:
    if tier.status is None:
        return True
    return status is not None and status.threshold >= tier.status.threshold


def _status(program: PointsProgram, balance: Balance, now: dt.datetime) -> PointStatus | None:
    statuses = list(program.statuses.order_by("-threshold"))
    if not statuses or balance.account_id is None:
        return None
    today = calendar_of(program).day_of(now)
    daily = load_daily([balance.account_id], today - dt.timedelta(days=days_needed(statuses)))
    return status_on(today, daily[balance.account_id], statuses)


def entries_of(program: PointsProgram, app_user_id: str, *, is_live: bool = True) -> QuerySet[PointEntry]:
    """The user's ledger, the newest first."""
    ledger = ledger_of(program, is_live=is_live)
    entries = PointEntry.objects.filter(
        account__program=program, account__app_user_id=app_user_id, account__test_ledger=ledger
    )
    return entries.select_related("event", "batch", "actor").order_by("-id")


def tier_of(program: PointsProgram, tier_id: int) -> PointTier:
    """A tier that can be exchanged for."""
    found = tiers_of(program).filter(pk=tier_id).first() if 0 < tier_id < 2**63 else None
    if found is None:
        raise RuleViolation("unknown_tier", _("The points program has no tier with the id %d.") % tier_id, field="tier")
    return found
