"""What an event earns: a pure function of the rules of the event's own time. The engine and the simulator share it."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum

from moments.money import to_decimal

DAY, WEEK, LIFETIME = "day", "week", "lifetime"
MOST_POINTS = 10**12  # of one event; millions of them fit into a balance
FOREVER = dt.date(1970, 1, 1)  # the first day of the lifetime window

Window = tuple[int, str, dt.date]  # the rule, the kind of window, its first day


class Reason(StrEnum):
    """Why an event earned what it earned."""

    EARNED = "earned"
    CAPPED = "capped"  # less than the rule gives, or nothing: a cap is reached
    NOT_IN_FORCE = "not_in_force"  # no rule was in force at the event's time: not yet made, paused, or deleted
    NOT_VALID = "not_valid"  # outside of the rule's validity
    BELOW_MINIMUM = "below_minimum"
    NOTHING = "nothing"  # the rule has no points for this quantity or amount


@dataclass(frozen=True, slots=True)
class Version:
    """A rule as it was in one period, flat for speed. The field names are those of ``PointRuleVersion``."""

    pk: int
    rule_id: int
    action: str
    category: str
    effective_from: dt.datetime | None
    effective_until: dt.datetime | None
    points_per_event: int
    points_per_quantity: int
    points_per_amount: Decimal
    currency: str
    minimum_quantity: int | None
    minimum_amount_minor: int | None
    daily_cap: int | None
    weekly_cap: int | None
    lifetime_cap: int | None
    valid_from: dt.datetime | None
    valid_until: dt.datetime | None
    pending_days: int | None
    points_valid_days: int | None
    deleted_at: dt.datetime | None  # of the rule

    def covers(self, at: dt.datetime) -> bool:
        return _covers(self.effective_from, self.effective_until, at)

    @property
    def counts_money(self) -> bool:
        return bool(self.points_per_amount) or self.minimum_amount_minor is not None


@dataclass(frozen=True, slots=True)
class Multiplier:
    """A multiplier as it was in one period. ``threshold`` is that of the status it needs; 0 for everybody."""

    name: str
    factor: Decimal
    action: str
    threshold: int
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    effective_from: dt.datetime | None
    effective_until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What happened, as far as rules can tell."""

    action: str
    category: str
    quantity: int
    amount_minor: int | None
    currency: str
    occurred_at: dt.datetime


@dataclass(slots=True)
class Verdict:
    """What an event earns, and why. ``base`` is before multipliers, ``points`` after multipliers and caps."""

    reason: Reason
    version: Version | None = None
    base: int = 0
    factor: Decimal = Decimal(1)
    multiplier: str = ""
    points: int = 0
    cap: str = ""  # the window whose cap cut the points
    windows: list[Window] = field(default_factory=list)
    available_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a program, and its own periods."""

    zone: zoneinfo.ZoneInfo
    pending_days: int
    points_valid_days: int | None

    def day_of(self, instant: dt.datetime) -> dt.date:
        return instant.astimezone(self.zone).date()

    def midnight(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(), self.zone).astimezone(dt.UTC)

    def periods(
        self, day: dt.date, pending_days: int | None = None, valid_days: int | None = None
    ) -> tuple[dt.datetime | None, dt.datetime | None]:
        """When points of ``day`` become available (None: at once) and when they expire (None: never).

        Both at a midnight: available at the start of a day, expired at the end of the last valid one.
        """
        wait = self.pending_days if pending_days is None else pending_days
        valid = self.points_valid_days if valid_days is None else valid_days
        start = day + dt.timedelta(days=wait)
        expires = None if valid is None else self.midnight(start + dt.timedelta(days=valid + 1))
        return (self.midnight(start) if wait else None), expires


def judge(
    event: Occurrence,
    candidates: list[Version],
    multipliers: list[Multiplier],
    calendar: Calendar,
    used: Mapping[Window, int],
    threshold: int,
) -> Verdict:
    """What ``event`` earns a user who has ``used`` so much of each cap and has the status of ``threshold``.

    ``candidates`` are versions of rules of the event's action, for its category and for any. A rule of the category
    takes precedence over one for any category.
    """
    at = event.occurred_at
    in_force = [found for found in candidates if found.covers(at)]
    version = max(in_force, key=lambda found: (found.category != "", found.pk), default=None)
    if version is None:
        return Verdict(Reason.NOT_IN_FORCE)
    if not _covers(version.valid_from, version.valid_until, at):
        return Verdict(Reason.NOT_VALID, version)
    if _is_below_minimum(event, version):
        return Verdict(Reason.BELOW_MINIMUM, version)
    base = base_points(event, version)
    best = best_multiplier(event, multipliers, threshold)
    factor = best.factor if best else Decimal(1)
    verdict = Verdict(Reason.EARNED, version, base, factor, best.name if best else "")
    earned = min(int((base * factor).to_integral_value(ROUND_HALF_UP)), MOST_POINTS)
    day = calendar.day_of(at)
    verdict.points = earned
    for cap, window, start in _caps(version, day):
        key = (version.rule_id, window, start)
        verdict.windows.append(key)
        left = max(cap - used.get(key, 0), 0)
        if left < verdict.points:
            verdict.points, verdict.cap, verdict.reason = left, window, Reason.CAPPED
    if earned == 0:
        verdict.reason = Reason.NOTHING
    verdict.available_at, verdict.expires_at = calendar.periods(day, version.pending_days, version.points_valid_days)
    return verdict


def base_points(event: Occurrence, version: Version) -> int:
    """Before multipliers. Money counts for its whole share alone: $19.99 at one point a dollar are 19 points."""
    points = version.points_per_event + version.points_per_quantity * event.quantity
    if version.points_per_amount and event.amount_minor is not None:
        money = to_decimal(event.amount_minor, version.currency) * version.points_per_amount
        points += int(money.to_integral_value(ROUND_FLOOR))
    return points


def best_multiplier(event: Occurrence, multipliers: list[Multiplier], threshold: int) -> Multiplier | None:
    """The highest of those that apply; multipliers never multiply each other."""
    at = event.occurred_at
    fitting = [
        found
        for found in multipliers
        if found.action in ("", event.action)
        and found.threshold <= threshold
        and _covers(found.starts_at, found.ends_at, at)
        and _covers(found.effective_from, found.effective_until, at)
    ]
    return max(fitting, key=lambda found: found.factor, default=None)


def week_of(day: dt.date) -> dt.date:
    """Its Monday."""
    return day - dt.timedelta(days=day.weekday())


def _caps(version: Version, day: dt.date) -> list[tuple[int, str, dt.date]]:
    caps = ((version.daily_cap, DAY, day), (version.weekly_cap, WEEK, week_of(day)))
    every = (*caps, (version.lifetime_cap, LIFETIME, FOREVER))
    return [(cap, window, start) for cap, window, start in every if cap is not None]


def _covers(start: dt.datetime | None, end: dt.datetime | None, at: dt.datetime) -> bool:
    return (start is None or start <= at) and (end is None or at < end)


def _is_below_minimum(event: Occurrence, version: Version) -> bool:
    if version.minimum_quantity is not None and event.quantity < version.minimum_quantity:
        return True
    minimum = version.minimum_amount_minor
    return minimum is not None and (event.amount_minor is None or event.amount_minor < minimum)
