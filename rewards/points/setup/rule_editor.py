"""Rules, categories, and multipliers: added, edited, paused, deleted. What was earned stays."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from moments.errors import RuleViolation, is_violation_of
from rewards.models import (
    PointCategory,
    PointMultiplier,
    PointMultiplierVersion,
    PointRule,
    PointRuleVersion,
    PointsProgram,
    PointStatus,
)
from rewards.points.lookups import record_points_change, require_editor
from rewards.points.setup.stale_edits import MULTIPLIER_FIELDS, RULE_FIELDS, refuse_stale

FIELDS = RULE_FIELDS  # what a rule may say


def add_rule(
    program: PointsProgram,
    *,
    action: str,
    category: str = "",
    by: Member | None = None,
    now: dt.datetime,
    **fields: Any,
) -> PointRule:
    """What ``action`` earns: for ``category``, which is made where it is new, or for any.

    ``fields`` are those of ``FIELDS``. The first rule for an action also counts events that happened before it was
    made and arrive late; ``valid_from`` excludes them.
    """
    action, category = action.strip(), category.strip()
    require_editor(by)
    _refuse_empty(fields)
    try:
        with transaction.atomic():
            of = add_category(program, key=category) if category else None
            had_one = PointRule.objects.filter(program=program, action=action, category=of).exists()
            rule = PointRule.objects.create(program=program, action=action, category=of, created_at=now)
            _open(rule, fields, now if had_one else None)
            record_points_change(program, f"+ {rule}", by, now)
    except IntegrityError as error:
        if not is_violation_of(error, "point_rule_once"):
            raise
        message = _("There is already a rule for “%s”.") % (f"{action} ({category})" if category else action)
        raise RuleViolation("rule_taken", message, field="action") from None
    return rule


def edit_rule(
    rule: PointRule, *, opened: str | None = None, by: Member | None = None, now: dt.datetime, **fields: Any
) -> None:
    """Replace all that the rule says with ``fields``; what is left out has its default.

    Events from ``now`` on are judged by the new version; earlier ones, however late, by the old one. Raises
    ``Conflict`` if the rule is no longer as it was when its form was ``opened`` (``stale_edits.state_of``).
    """
    require_editor(by)
    _refuse_empty(fields)
    with transaction.atomic():
        locked = _locked(rule)
        refuse_stale(locked, opened)
        if locked.is_active:
            _close(locked, now)
            _open(locked, fields, now)
        else:
            # A paused rule keeps its new version for the day it is resumed.
            _open(locked, fields, now, until=now)
        record_points_change(locked.program, str(locked), by, now)


def pause_rule(rule: PointRule, *, by: Member | None = None, now: dt.datetime) -> None:
    """Stop the rule until it is resumed. Its action stays known, so its events are answered with 0 points."""
    require_editor(by)
    with transaction.atomic():
        locked = _locked(rule)
        _close(locked, now)
        _set_active(locked, False)
        record_points_change(locked.program, _("%s paused") % locked, by, now)
    rule.is_active = False


def resume_rule(rule: PointRule, *, by: Member | None = None, now: dt.datetime) -> None:
    require_editor(by)
    with transaction.atomic():
        locked = _locked(rule)
        if not locked.is_active:
            last = locked.current
            _open(locked, {name: getattr(last, name) for name in FIELDS}, now)
            _set_active(locked, True)
            record_points_change(locked.program, _("%s resumed") % locked, by, now)
    rule.is_active = True


def delete_rule(rule: PointRule, *, by: Member | None = None, now: dt.datetime) -> None:
    """Its action is unknown from now on. What it gave stays; events of before that arrive late still count."""
    require_editor(by)
    with transaction.atomic():
        locked = _locked(rule)
        _close(locked, now)
        PointRule.objects.filter(pk=rule.pk).update(deleted_at=now)
        record_points_change(locked.program, f"− {locked}", by, now)
    rule.deleted_at = now


def add_category(program: PointsProgram, *, key: str, name: str = "") -> PointCategory:
    """The category with this key, made where it is new."""
    found, made = PointCategory.objects.get_or_create(program=program, key=key.strip(), defaults={"name": name.strip()})
    if not made and name.strip():
        PointCategory.objects.filter(pk=found.pk).update(name=name.strip())
        found.name = name.strip()
    return found


def add_multiplier(
    program: PointsProgram, *, name: str, by: Member | None = None, now: dt.datetime, **fields: Any
) -> PointMultiplier:
    """More points between two instants, for a status and those above it, or both.

    ``fields``: factor; optionally action, status, starts_at, ends_at. It also counts for events that happened before it
    was made and arrive late; ``starts_at`` excludes them.
    """
    require_editor(by)
    _refuse_bad_multiplier(fields)
    with transaction.atomic():
        made = PointMultiplier.objects.create(program=program, name=name.strip())
        PointMultiplierVersion.objects.create(multiplier=made, **_multiplier_values(fields))
        record_points_change(program, f"+ {made} × {fields['factor']}", by, now)
    return made


def edit_multiplier(
    multiplier: PointMultiplier,
    *,
    name: str,
    opened: str | None = None,
    by: Member | None = None,
    now: dt.datetime,
    **fields: Any,
) -> None:
    """Replace all that the multiplier says with ``fields`` of ``add_multiplier``; what is left out has its default.

    Events from ``now`` on are judged by the new version; earlier ones, however late, by the old one. Raises
    ``Conflict`` as ``edit_rule`` does.
    """
    require_editor(by)
    _refuse_bad_multiplier(fields)
    with transaction.atomic():
        locked = _locked_multiplier(multiplier)
        refuse_stale(locked, opened)
        PointMultiplier.objects.filter(pk=locked.pk).update(name=name.strip())
        locked.versions.filter(effective_until=None).update(effective_until=now)
        PointMultiplierVersion.objects.create(multiplier=locked, effective_from=now, **_multiplier_values(fields))
        record_points_change(locked.program, f"{name.strip()} × {fields['factor']}", by, now)
    multiplier.name = name.strip()


def delete_multiplier(multiplier: PointMultiplier, *, by: Member | None = None, now: dt.datetime) -> None:
    """Events of before that arrive late still count it."""
    require_editor(by)
    with transaction.atomic():
        locked = _locked_multiplier(multiplier)
        locked.versions.filter(effective_until=None).update(effective_until=now)
        PointMultiplier.objects.filter(pk=locked.pk).update(deleted_at=now)
        record_points_change(locked.program, f"− {locked}", by, now)
    multiplier.deleted_at = now


def add_status(
    program: PointsProgram,
    *,
    name: str,
    threshold: int,
    period_days: int,
    grace_days: int = 0,
    by: Member | None = None,
    now: dt.datetime,
) -> PointStatus:
    """A level that users reach with ``threshold`` points earned within ``period_days``."""
    require_editor(by)
    values = {"name": name.strip(), "threshold": threshold, "period_days": period_days, "grace_days": grace_days}
    try:
        with transaction.atomic():
            made = PointStatus.objects.create(program=program, **values)
            record_points_change(program, f"+ {made}", by, now)
    except IntegrityError as error:
        if is_violation_of(error, "point_status_name_once", "point_status_threshold_once"):
            raise _status_taken(error, values) from None
        raise
    return made


def edit_status(
    status: PointStatus, *, opened: str | None = None, by: Member | None = None, now: dt.datetime, **values: Any
) -> None:
    """``values`` as of ``add_status``. Users' statuses are computed, so the change holds at once.

    Raises ``Conflict`` as ``edit_rule`` does.
    """
    require_editor(by)
    try:
        with transaction.atomic():
            locked = _locked_status(status)
            refuse_stale(locked, opened)
            for name, value in values.items():
                setattr(locked, name, value)
            locked.save(update_fields=[*values])
            record_points_change(locked.program, str(locked), by, now)
    except IntegrityError as error:
        if is_violation_of(error, "point_status_name_once", "point_status_threshold_once"):
            raise _status_taken(error, values) from None
        raise
    for name, value in values.items():
        setattr(status, name, value)


def delete_status(status: PointStatus, *, by: Member | None = None, now: dt.datetime) -> None:
    """Refused where a tier or a multiplier needs it."""
    require_editor(by)
    with transaction.atomic():
        locked = _locked_status(status)
        needed = locked.tiers.filter(retired_at=None), locked.multiplier_versions.filter(effective_until=None)
        if any(rows.exists() for rows in needed):
            message = _("A tier or a multiplier needs the status “%s”. Change or delete that first.") % locked
            raise RuleViolation("status_in_use", message)
        locked.tiers.update(status=None)
        locked.multiplier_versions.all().delete()
        record_points_change(locked.program, f"− {locked}", by, now)
        locked.delete()


# ---- versions


def _locked(rule: PointRule) -> PointRule:
    """Two edits of one rule wait for each other."""
    found = PointRule.objects.select_for_update(of=("self",)).select_related("program", "category").get(pk=rule.pk)
    if found.deleted_at is not None:
        raise RuleViolation("rule_deleted", _("The rule for “%s” was deleted.") % found)
    return found


def _locked_multiplier(multiplier: PointMultiplier) -> PointMultiplier:
    found = PointMultiplier.objects.select_for_update(of=("self",)).select_related("program").get(pk=multiplier.pk)
    if found.deleted_at is not None:
        raise RuleViolation("multiplier_deleted", _("The multiplier “%s” was deleted.") % found)
    return found


def _locked_status(status: PointStatus) -> PointStatus:
    rows = PointStatus.objects.select_for_update(of=("self",)).select_related("program")
    found = rows.filter(pk=status.pk).first()
    if found is None:
        raise RuleViolation("status_deleted", _("The status “%s” was deleted.") % status)
    return found


def _multiplier_values(fields: dict[str, Any]) -> dict[str, Any]:
    """Of a version."""
    values = {name: fields[name] for name in MULTIPLIER_FIELDS if name in fields}
    return values | {"action": fields.get("action", "").strip()}


def _refuse_bad_multiplier(fields: dict[str, Any]) -> None:
    since, until = fields.get("starts_at"), fields.get("ends_at")
    if since and until and until <= since:
        raise RuleViolation("bad_period", _("The end is not after the start."), field="ends_at")
    if fields.get("status") is None and since is None and until is None:
        message = _("A multiplier needs dates, a status, or both.")
        raise RuleViolation("empty_multiplier", message, field="starts_at")
    if fields["factor"] <= 0:
        message = _("The factor is %s; enter a number larger than 0.") % fields["factor"]
        raise RuleViolation("bad_factor", message, field="factor")


def _open(rule: PointRule, fields: dict[str, Any], since: dt.datetime | None, until: dt.datetime | None = None) -> None:
    PointRuleVersion.objects.create(rule=rule, effective_from=since, effective_until=until, **fields)


def _close(rule: PointRule, now: dt.datetime) -> None:
    rule.versions.filter(effective_until=None).update(effective_until=now)


def _set_active(rule: PointRule, is_active: bool) -> None:
    PointRule.objects.filter(pk=rule.pk).update(is_active=is_active)


def _refuse_empty(fields: dict[str, Any]) -> None:
    gives = ("points_per_event", "points_per_quantity", "points_per_amount")
    if not any(fields.get(name) for name in gives):
        message = _("Enter points per event, per unit, per amount of money, or several of them.")
        raise RuleViolation("empty_rule", message, field="points_per_event")
    money = fields.get("points_per_amount") or fields.get("minimum_amount_minor") is not None
    if money and not fields.get("currency"):
        raise RuleViolation("no_currency", _("Name the currency that the rule counts."), field="currency")
    since, until = fields.get("valid_from"), fields.get("valid_until")
    if since and until and until <= since:
        raise RuleViolation("bad_period", _("The end is not after the start."), field="valid_until")


def _status_taken(error: IntegrityError, values: dict[str, Any]) -> RuleViolation:
    if is_violation_of(error, "point_status_threshold_once"):
        message = _("There is already a status at %d points.") % values["threshold"]
        return RuleViolation("status_taken", message, field="threshold")
    message = _("There is already a status named “%s”.") % values["name"]
    return RuleViolation("status_taken", message, field="name")
