"""Statuses such as *gold*: points earned within a rolling period, with a grace period before a user falls back."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from rewards.models import PointAccount, PointDailyEarned, PointsProgram, PointStatus

Daily = Mapping[dt.date, int]


def status_on(day: dt.date, daily: Daily, statuses: Sequence[PointStatus]) -> PointStatus | None:
    """The highest status that a user with these ``daily`` points has on ``day``.

    A status is reached when the points of the ``period_days`` that end with a day reach its threshold, and it lasts
    ``grace_days`` beyond the last such day. ``statuses`` come with the highest threshold first.
    """
    days = sorted(daily)
    sums = [0, *accumulate(daily[each] for each in days)]
    for status in statuses:
        period = dt.timedelta(days=status.period_days - 1)
        # The sum of a period grows on days with points alone, so no other days of the grace period need a look.
        first = day - dt.timedelta(days=status.grace_days)
        ends = {first, *days[bisect_left(days, first) : bisect_right(days, day)]}
        for end in ends:
            until, since = bisect_right(days, end), bisect_left(days, end - period)
            if sums[until] - sums[since] >= status.threshold:
                return status
    return None


def days_needed(statuses: Sequence[PointStatus]) -> int:
    """How far back daily points matter for a status of today."""
    return max((status.period_days + status.grace_days for status in statuses), default=0)


def load_daily(account_ids: Sequence[int], since: dt.date) -> dict[int, dict[dt.date, int]]:
    found: dict[int, dict[dt.date, int]] = {pk: {} for pk in account_ids}
    rows = PointDailyEarned.objects.filter(account__in=account_ids, day__gte=since)
    for account, day, points in rows.values_list("account_id", "day", "points"):
        found[account][day] = points
    return found


def status_of(account: PointAccount, program: PointsProgram, *, today: dt.date) -> PointStatus | None:
    """The user's status on the program's local ``today``; computed, so that it needs no sweep."""
    statuses = list(program.statuses.order_by("-threshold"))
    if not statuses or account.pk is None:
        return None
    since = today - dt.timedelta(days=days_needed(statuses))
    return status_on(today, load_daily([account.pk], since)[account.pk], statuses)
