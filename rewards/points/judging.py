"""Judging many events in a row: what each earned uses up caps and moves statuses for those that follow."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection

from rewards.points.rulebook import LATEST, Rulebook
from rewards.points.rules import FOREVER, Occurrence, Verdict, Window, judge, week_of
from rewards.points.statuses import days_needed, load_daily, status_on

USED = """
SELECT account_id, rule_id, "window", window_start, points FROM rewards_pointcapuse
WHERE account_id = ANY(%s::bigint[]) AND rule_id = ANY(%s::bigint[]) AND (window_start >= %s OR window_start = %s)
"""
CAPS = """
INSERT INTO rewards_pointcapuse AS kept (account_id, rule_id, "window", window_start, points)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::date[], %s::bigint[])
ON CONFLICT (account_id, rule_id, "window", window_start) DO UPDATE SET points = kept.points + excluded.points
"""
DAILY = """
INSERT INTO rewards_pointdailyearned AS kept (account_id, day, points)
SELECT * FROM unnest(%s::bigint[], %s::date[], %s::bigint[])
ON CONFLICT (account_id, day) DO UPDATE SET points = kept.points + excluded.points
"""


class Judging:
    """Caps used and points earned by these accounts, as they are now and as this call moves them."""

    def __init__(self, rulebook: Rulebook, account_ids: Sequence[int], *, now: dt.datetime) -> None:
        self.rulebook = rulebook
        self.used: dict[int, dict[Window, int]] = defaultdict(dict)
        self.added: dict[tuple[int, Window], int] = defaultdict(int)
        self.earned: dict[tuple[int, dt.date], int] = defaultdict(int)
        self.today = rulebook.calendar.day_of(now)
        first = rulebook.calendar.day_of(now - LATEST)
        self.daily: dict[int, dict[dt.date, int]] = {}
        if rulebook.statuses:
            since = first - dt.timedelta(days=days_needed(rulebook.statuses))
            self.daily = load_daily(account_ids, since)
        if self._has_caps():
            self._load_caps(account_ids, first)

    def _has_caps(self) -> bool:
        return any(
            version.daily_cap is not None or version.weekly_cap is not None or version.lifetime_cap is not None
            for groups in self.rulebook.versions.values()
            for versions in groups.values()
            for version in versions
        )

    def _load_caps(self, account_ids: Sequence[int], first: dt.date) -> None:
        """Of the windows that an event of the last days can fall in."""
        rules = {
            version.rule_id
            for groups in self.rulebook.versions.values()
            for versions in groups.values()
            for version in versions
        }
        values: list[Any] = [list(account_ids), list(rules), week_of(first), FOREVER]
        with connection.cursor() as cursor:
            cursor.execute(USED, values)
            for account, rule, window, start, points in cursor.fetchall():
                self.used[account][rule, window, start] = points

    def judge(self, account_id: int, event: Occurrence) -> Verdict:
        """What the event earns, which counts for the events judged after it."""
        book = self.rulebook
        day = book.calendar.day_of(event.occurred_at)
        threshold = self._threshold_on(day, account_id) if book.statuses and book.multipliers else 0
        used = self.used[account_id]
        verdict = judge(event, book.candidates(event), book.multipliers, book.calendar, used, threshold)
        if verdict.points:
            for window in verdict.windows:
                used[window] = used.get(window, 0) + verdict.points
                self.added[account_id, window] += verdict.points
            self.earned[account_id, day] += verdict.points
            if book.statuses:
                days = self.daily.setdefault(account_id, {})
                days[day] = days.get(day, 0) + verdict.points
        return verdict

    def _threshold_on(self, day: dt.date, account_id: int) -> int:
        known = {each: points for each, points in self.daily.get(account_id, {}).items() if each <= day}
        status = status_on(day, known, self.rulebook.statuses)
        return status.threshold if status else 0

    def statuses(self, account_ids: Sequence[int]) -> dict[int, int | None]:
        """Today's status of each account."""
        found = {pk: status_on(self.today, self.daily.get(pk, {}), self.rulebook.statuses) for pk in account_ids}
        return {pk: status.pk if status else None for pk, status in found.items()}

    def save(self) -> None:
        """What was used and earned. The accounts are locked. In one order, although nobody else writes these rows."""
        caps = sorted((account, *window, points) for (account, window), points in self.added.items())
        daily = sorted((account, day, points) for (account, day), points in self.earned.items())
        with connection.cursor() as cursor:
            for statement, rows in ((CAPS, caps), (DAILY, daily)):
                if rows:
                    cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
