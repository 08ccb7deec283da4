"""Taking back what an event gave, whole or in part: a return, a refund, a cancelled order."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import App, Member
from accounts.organizations.service import require_role
from moments.errors import RuleViolation, is_violation_of
from moments.money import as_text
from rewards.models import PointEntry, PointEvent, PointReversal
from rewards.points import event_emails, event_store
from rewards.points.ledger import Account, Posting, lock_account
from rewards.points.lookups import LIVE, fingerprint_of, key_reused, program_of
from rewards.points.rules import DAY, FOREVER, LIFETIME, WEEK, week_of
from rewards.points.statuses import days_needed, load_daily, status_on

LESS_CAP = """
UPDATE rewards_pointcapuse SET points = greatest(points - %(points)s, 0)
WHERE account_id = %(account)s AND rule_id = %(rule)s
    AND ("window", window_start) IN (VALUES (%(day_)s, %(day)s), (%(week_)s, %(week)s), (%(ever_)s, %(ever)s))
"""
LESS_EARNED = """
UPDATE rewards_pointdailyearned SET points = greatest(points - %s, 0) WHERE account_id = %s AND day = %s
"""


@dataclass(frozen=True)
class ReversalResult:
    """``points`` were taken back now, ``reversed`` in all; ``owed`` is what the user has to earn again."""

    points: int
    reversed: int
    available: int
    pending: int
    owed: int
    is_replay: bool = False


def reverse_event(
    app: App,
    event_id: str,
    *,
    quantity: int | None = None,
    amount_minor: int | None = None,
    reason: str = "",
    idempotency_key: str = "",
    is_live: bool = True,
    by: Member | None = None,
    now: dt.datetime,
) -> ReversalResult:
    """Take back what the event gave: all that is left of it, or the share of ``quantity`` or ``amount_minor``.

    The share is in proportion to the event's own quantity or amount, rounded half up, so that all parts together take
    back exactly what the event gave. What was spent is owed. A part needs an idempotency key; the whole is reversed
    once, and a repeat changes nothing. Refusals: ``unknown_event``, ``invalid_request``, ``idempotency_key_reused``.
    """
    if by is not None:
        require_role(by, *Member.EDITORS)
    if quantity is not None and amount_minor is not None:
        message = _("quantity and amount are both set; send one of them.")
        raise RuleViolation("invalid_request", message, field="quantity")
    is_whole = quantity is None and amount_minor is None
    if not is_whole and not idempotency_key.strip():
        message = _("Send an idempotency key to reverse a part of an event, so that a repeat reverses it once.")
        raise RuleViolation("invalid_request", message, field="idempotency_key")
    fingerprint = fingerprint_of(event_id, quantity, amount_minor)
    with transaction.atomic():
        found = _reported(app, event_id, is_live=is_live).first()
        if found is None:
            program_of(app)  # an app without a program has no events either; the refusal says so
            message = _("Your app has reported no event with the id “%s”.") % event_id
            raise RuleViolation("unknown_event", message)
        program, ledger = found.account.program, found.test_ledger
        posting, account = lock_account(program, found.account.app_user_id, test_ledger=ledger, now=now)
        _refuse_used_key(app, ledger, idempotency_key, fingerprint)
        before = list(found.reversals.all())
        if done := _done(before, idempotency_key, is_whole):
            posting.close()
            return _result(done.points, before, account, is_replay=True)
        points = _share(found, before, quantity, amount_minor)
        reversal = _post(posting, account, found, points, _number(before), reason, now)
        reversal.quantity, reversal.amount_minor = quantity, amount_minor
        reversal.idempotency_key, reversal.fingerprint = idempotency_key, fingerprint
        reversal.app, reversal.test_ledger, reversal.actor = app, ledger, by.user if by else None
        posting.close()
        _save(reversal)
        if sum(row.points for row in before) + points == found.points:
            event_emails.forget_reversed(found.pk)
        _give_caps_back(posting, account, found, points, now)
    return _result(points, [*before, reversal], account)


def currency_of(app: App, event_id: str, *, is_live: bool = True) -> str:
    """The currency of the event's amount; "" where it has none, or where there is no such event."""
    return _reported(app, event_id, is_live=is_live).values_list("currency", flat=True).first() or ""


def _reported(app: App, event_id: str, *, is_live: bool) -> QuerySet[PointEvent]:
    """The event in the program that counted it, which ``app`` may have left since. Test keys see the ledger that their
    program uses now."""
    events = PointEvent.objects.filter(app=app, event_id=event_id).select_related("account__program", "rule_version")
    if is_live:
        return events.filter(test_ledger=LIVE)
    return events.filter(test_ledger=F("account__program__test_ledger")).order_by("-id")


def _number(before: list[PointReversal]) -> int:
    return len(before) + 1


def _save(reversal: PointReversal) -> None:
    try:
        with transaction.atomic():
            reversal.save(force_insert=True)
    except IntegrityError as error:
        if is_violation_of(error, "point_reversal_key_once"):  # of a twin that reversed another user's event
            raise key_reused(reversal.idempotency_key) from None
        raise


def _refuse_used_key(app: App, test_ledger: int, key: str, fingerprint: str) -> None:
    """A key belongs to one request of the app."""
    used = PointReversal.objects.filter(app=app, test_ledger=test_ledger, idempotency_key=key)
    if key and used.exclude(fingerprint=fingerprint).exists():
        raise key_reused(key)


def _done(before: list[PointReversal], key: str, is_whole: bool) -> PointReversal | None:
    for row in before:
        if key and row.idempotency_key == key:
            return row
        if is_whole and row.quantity is None and row.amount_minor is None:
            return row
    return None


def _share(event: PointEvent, before: list[PointReversal], quantity: int | None, amount_minor: int | None) -> int:
    """Points to take back now; never more in all than the event gave."""
    left = event.points - sum(row.points for row in before)
    if quantity is None and amount_minor is None:
        return left
    if quantity is not None:
        whole, part = event.quantity, quantity
        earlier = sum(row.quantity or 0 for row in before)
    else:
        whole, part = event.amount_minor or 0, amount_minor or 0
        earlier = sum(row.amount_minor or 0 for row in before)
    if quantity is None and event.amount_minor is None:
        message = _("amount is set, but the event has no amount. Send a quantity, or neither to reverse all points.")
        raise RuleViolation("invalid_request", message, field="amount")
    _refuse_excess(event, whole, earlier, part, is_money=quantity is None)
    share = _rounded(event.points * (earlier + part), whole) - _rounded(event.points * earlier, whole)
    return min(share, left)


def _rounded(numerator: int, denominator: int) -> int:
    """Half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def _refuse_excess(event: PointEvent, whole: int, earlier: int, part: int, *, is_money: bool) -> None:
    """A part is more than 0, and at most what is left."""
    left = whole - earlier
    if 1 <= part <= left:
        return
    field = "amount" if is_money else "quantity"
    if left == 0:
        message = _("%(field)s is %(given)s, but the event has nothing left to reverse.")
    else:
        message = _("%(field)s is %(given)s; send more than 0 and at most %(left)s, which is left of the event.")
    given, rest = (f"{as_text(each, event.currency)} {event.currency}" if is_money else each for each in (part, left))
    raise RuleViolation("invalid_request", message % {"field": field, "given": given, "left": rest}, field=field)


def _post(
    posting: Posting, account: Account, event: PointEvent, points: int, number: int, reason: str, now: dt.datetime
) -> PointReversal:
    """The entry, and a reversal that is not saved yet."""
    lapsed = 0
    if points:
        batch_id = PointEntry.objects.values_list("batch_id", flat=True).get(reference=f"event:{event.pk}")
        lapsed = posting.take_back(
            account,
            points,
            batch_id=batch_id,
            reference=f"reversal:{event.pk}:{number}",
            occurred_at=now,
            event_id=event.pk,
            action=event.action,
            reason=reason[:300],
        )
    return PointReversal(event=event, points=points, lapsed=lapsed, reason=reason[:300], recorded_at=now)


def _give_caps_back(posting: Posting, account: Account, event: PointEvent, points: int, now: dt.datetime) -> None:
    """What was taken back may be earned again, and does not count for a status."""
    if not points:
        return
    day = posting.calendar.day_of(event.occurred_at)
    values: dict[str, Any] = {
        "points": points,
        "account": account.pk,
        "day": day,
        "week": week_of(day),
        "ever": FOREVER,
    }
    values |= {"day_": DAY, "week_": WEEK, "ever_": LIFETIME}
    with connection.cursor() as cursor:
        if event.rule_version is not None:
            cursor.execute(LESS_CAP, {**values, "rule": event.rule_version.rule_id})
        cursor.execute(LESS_EARNED, [points, account.pk, day])
    statuses = list(posting.program.statuses.order_by("-threshold"))
    if statuses:
        today = posting.calendar.day_of(now)
        daily = load_daily([account.pk], today - dt.timedelta(days=days_needed(statuses)))
        status = status_on(today, daily[account.pk], statuses)
        event_store.set_statuses({account.pk: status.pk if status else None})


def _result(points: int, all_: list[PointReversal], account: Account, *, is_replay: bool = False) -> ReversalResult:
    total = sum(row.points for row in all_)
    return ReversalResult(points, total, account.available, account.pending, account.owed, is_replay)
