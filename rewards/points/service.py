"""Users earn points for actions. Exchanging points for rewards is in ``point_exchanges``."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import App
from moments.errors import RuleViolation, is_violation_of
from rewards.issuing.service import IssueResult
from rewards.models import PointAccount, PointEntry, PointEvent, PointExchange, PointRule, PointsProgram
from rewards.points.exchanges import exchange_automatically, issued_again
from rewards.points.ledger import fingerprint_of, locked_account, program_of, refuse_blank, sum_of, write_entry


@dataclass(frozen=True)
class Credit:
    """What an event earned. ``exchanged`` holds the rewards of automatic exchanges that the event caused."""

    points: int
    available: int
    is_replay: bool
    exchanged: tuple[IssueResult, ...] = ()


def record_action(
    app: App, *, event_id: str, app_user_id: str, action: str, units: int = 1, now: dt.datetime
) -> Credit:
    """Count a user's action once per ``event_id`` and make the automatic exchanges it allows, in one transaction.

    A repeat returns the same points and the same rewards. Raises ``RuleViolation`` with ``unknown_action`` where the
    program has no rule for ``action`` and ``event_id_reused`` where the id was used for another event; nothing is
    stored then.
    """
    refuse_blank(event_id=event_id, user_id=app_user_id, action=action)
    program = program_of(app)
    rule = rule_for(program, action)
    fingerprint = fingerprint_of(app_user_id, action, units)
    with transaction.atomic():
        event, is_new = _insert_event(program, app, event_id, app_user_id, action, units, fingerprint, now)
        if event.fingerprint != fingerprint:
            raise RuleViolation("event_id_reused", _("This event id was used before, for another event."))
        account = locked_account(program, app_user_id)
        if is_new:
            points = _earned(rule, account, units, now)
            if points:
                write_entry(account, points, PointEntry.Kind.CREDIT, _event_reference(event), action, now)
                exchange_automatically(account, event=event, now=now)
        else:
            credited = PointEntry.objects.filter(reference=_event_reference(event)).first()
            points = credited.amount if credited else 0
    account.refresh_from_db()
    return Credit(points, account.available, is_replay=not is_new, exchanged=_exchanged_by(event))


def rule_for(program: PointsProgram, action: str) -> PointRule:
    """The program's rule for ``action``, also a paused one. A refusal lists the actions that have rules."""
    rules = {rule.action: rule for rule in program.rules.order_by("action")}
    if action not in rules:
        known = ", ".join(rules) or _("none")
        message = _("The points program has no rule for the action “%(action)s”. Known actions: %(known)s.")
        raise RuleViolation("unknown_action", message % {"action": action, "known": known}, field="action")
    return rules[action]


def _exchanged_by(event: PointEvent) -> tuple[IssueResult, ...]:
    """The rewards of the automatic exchanges that an event caused: the same at every repeat."""
    done = PointExchange.objects.filter(event=event)
    related = ("reward__campaign__banner", "reward__group")
    return tuple(issued_again(exchange.reward) for exchange in done.select_related(*related).order_by("pk"))


def _insert_event(program, app, event_id, app_user_id, action, units, fingerprint, now) -> tuple[PointEvent, bool]:
    """Two statements, so that a twin that waited sees the winner's row."""
    fresh = PointEvent(
        program=program,
        app=app,
        event_id=event_id,
        app_user_id=app_user_id,
        action=action,
        units=units,
        fingerprint=fingerprint,
        at=now,
    )
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError as error:
        if not is_violation_of(error, "point_event_once"):
            raise
        return PointEvent.objects.get(app=app, event_id=event_id), False
    return fresh, True


def _event_reference(event: PointEvent) -> str:
    return f"event:{event.app_id}:{event.event_id}"[:200]


def _earned(rule: PointRule, account: PointAccount, units: int, now: dt.datetime) -> int:
    """Points for one action, within the rule's daily and lifetime caps. A paused rule earns nothing."""
    if not rule.is_active:
        return 0
    points = rule.points_per_event + rule.points_per_unit * units
    credits = account.entries.filter(kind=PointEntry.Kind.CREDIT, action=rule.action)
    if rule.lifetime_cap is not None:
        points = min(points, rule.lifetime_cap - sum_of(credits))
    if rule.daily_cap is not None:
        zone = zoneinfo.ZoneInfo(account.program.time_zone)
        day = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        points = min(points, rule.daily_cap - sum_of(credits.filter(at__gte=day)))
    return max(points, 0)
