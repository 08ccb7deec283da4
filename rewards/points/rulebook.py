"""The rules of a program that events need, loaded once for a call of any size."""

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from moments.errors import RuleViolation
from rewards.models import (
    APP_FIRST_SEEN,
    PointMultiplierVersion,
    PointRule,
    PointRuleVersion,
    PointsProgram,
    PointStatus,
)
from rewards.points.rules import Calendar, Multiplier, Occurrence, Version

LATEST = dt.timedelta(days=7)  # how late an event may arrive
EARLIEST = dt.timedelta(minutes=5)  # how far a server's clock may be ahead
COLUMNS = (
    *("pk", "rule_id", "rule__action", "rule__category__key", "effective_from", "effective_until"),
    *("points_per_event", "points_per_quantity", "points_per_amount", "currency"),
    *("minimum_quantity", "minimum_amount_minor", "daily_cap", "weekly_cap", "lifetime_cap"),
    *("valid_from", "valid_until", "pending_days", "points_valid_days", "rule__deleted_at"),
)


class Rulebook:
    """Versions of rules for the actions of one call, multipliers, statuses, and the program's calendar."""

    def __init__(self, program: PointsProgram, actions: Collection[str], *, now: dt.datetime) -> None:
        self.program = program
        self.calendar = calendar_of(program)
        self.versions: dict[str, dict[str, list[Version]]] = defaultdict(lambda: defaultdict(list))
        for row in _versions(program, {*actions, APP_FIRST_SEEN}, now):
            version = Version(*(value for value in (*row[:3], row[3] or "", *row[4:])))
            self.versions[version.action][version.category].append(version)
        self._kept: dict[str, set[str]] = {}  # categories by action, of rules that were not deleted
        self._deleted: dict[str, list[Version]] = {}
        self.multipliers = _multipliers(program, now)
        self.statuses = list(PointStatus.objects.filter(program=program).order_by("-threshold"))

    def candidates(self, event: Occurrence) -> list[Version]:
        """Versions for the event's category and for any, one of which may have been in force at its time."""
        found = self.versions.get(event.action)
        if found is None:
            return []
        general = found.get("", [])
        return general + found.get(event.category, []) if event.category else general

    def refuse_unknown(self, event: Occurrence) -> None:
        """Raises for an action or a category that no rule knows, naming those that rules know; for money that the
        rule does not count."""
        known = self._categories(event)
        if not known:
            self._refuse_action(event.action)
        if event.category and event.category not in known:
            self._refuse_unless_declared(event, known)
        elif not event.category and "" not in known:
            message = _("category is empty; the action “%(action)s” needs one. Known categories: %(known)s.")
            values = {"action": event.action, "known": ", ".join(sorted(known))}
            raise RuleViolation("unknown_category", message % values, field="category")
        for version in self.candidates(event):
            _refuse_wrong_money(event, version)

    def _categories(self, event: Occurrence) -> set[str]:
        """Those that rules of the action know; "" for a rule for any. Deleted rules know events of before."""
        if event.action not in self._kept:
            every = [version for group in self.versions.get(event.action, {}).values() for version in group]
            self._kept[event.action] = {version.category for version in every if version.deleted_at is None}
            self._deleted[event.action] = [version for version in every if version.deleted_at is not None]
        deleted = self._deleted[event.action]
        kept = self._kept[event.action]
        if not deleted:
            return kept
        return kept | {version.category for version in deleted if version.covers(event.occurred_at)}

    def _refuse_action(self, action: str) -> None:
        rules = self.program.rules.filter(deleted_at=None).exclude(action=APP_FIRST_SEEN)
        known = ", ".join(rules.order_by("action").values_list("action", flat=True).distinct()) or _("none")
        message = _("The points program has no rule for the action “%(action)s”. Known actions: %(known)s.")
        raise RuleViolation("unknown_action", message % {"action": action, "known": known}, field="action")

    def _refuse_unless_declared(self, event: Occurrence, known: set[str]) -> None:
        """A category without a rule of its own is fine where the action has a rule for any category."""
        if self._declared is None:
            self._declared = set(self.program.categories.values_list("key", flat=True))
        if "" in known and event.category in self._declared:
            return
        named = sorted(self._declared if "" in known else known)
        message = _("The points program has no rule for the category “%(category)s”. Known categories: %(known)s.")
        values = {"category": event.category, "known": ", ".join(named) or _("none")}
        raise RuleViolation("unknown_category", message % values, field="category")

    _declared: set[str] | None = None


def calendar_of(program: PointsProgram) -> Calendar:
    return Calendar(zoneinfo.ZoneInfo(program.time_zone), program.pending_days, program.points_valid_days)


def _versions(program: PointsProgram, actions: Collection[str], now: dt.datetime) -> Iterable[Any]:
    """Those that an event may still be judged by: of rules that exist, and of what ended within the last days."""
    recent = Q(effective_until=None) | Q(effective_until__gt=now - LATEST)
    rules = PointRule.objects.filter(program=program, action__in=actions)
    return (
        PointRuleVersion.objects.filter(Q(rule__deleted_at=None) | recent, recent | Q(rule__is_active=False))
        .filter(rule__in=rules)
        .order_by("pk")
        .values_list(*COLUMNS)
    )


def _multipliers(program: PointsProgram, now: dt.datetime) -> list[Multiplier]:
    """Those that may apply to an event of the last days."""
    recent = Q(ends_at=None) | Q(ends_at__gt=now - LATEST)
    kept = Q(effective_until=None) | Q(effective_until__gt=now - LATEST)
    found = PointMultiplierVersion.objects.filter(recent, kept, multiplier__program=program).values_list(
        *("multiplier__name", "factor", "action", "status__threshold", "starts_at", "ends_at"),
        *("effective_from", "effective_until"),
    )
    return [Multiplier(name, factor, action, needed or 0, *times) for name, factor, action, needed, *times in found]


def _refuse_wrong_money(event: Occurrence, version: Version) -> None:
    if not version.counts_money or version.effective_until is not None:
        return
    if event.amount_minor is None:
        message = _("The rule for “%(action)s” counts money; send amount, and %(currency)s as currency.")
    elif event.currency != version.currency:
        message = _("currency is %(other)s; the rule for “%(action)s” counts %(currency)s.")
    else:
        return
    values = {"action": version.action, "currency": version.currency, "other": event.currency}
    raise RuleViolation("invalid_request", message % values, field="currency" if event.currency else "amount")
