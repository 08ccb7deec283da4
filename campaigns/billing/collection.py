"""Charging statements: begun as a row, made by whoever finds it, asked about before it is tried again."""

import contextlib
import datetime as dt
import logging
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organization
from campaigns.billing.statements import carry_over_if_small, pay
from campaigns.models import Payment, PaymentMethod, Statement
from moments.i18n.datetimes import display_month
from moments.integrations import stripe
from moments.integrations.decline_messages import words_for
from moments.lifecycle import advance
from moments.money import display
from moments.registry import absolute, emails
from outbox.service import notify_operators, queue_mail

logger = logging.getLogger(__name__)

AGAIN_AFTER = [dt.timedelta(days=3), dt.timedelta(days=4)]  # after the first failure, after the second
CLAIM = dt.timedelta(minutes=5)  # a worker that is silent for so long is gone
DATABASE_LOST = (OperationalError, InterfaceError)
Status = Payment.Status


def collect(*, now: dt.datetime) -> int:
    """Begin the payments that are due, and go on with those that are open; how many were worked on.

    One that fails in a way that nobody thought of holds up none of the others.
    """
    for statement in _unpaid():
        if _carried_over(statement):
            continue
        if _is_due(statement, now):
            with _guarded(f"Statement {statement}"):
                begin_payment(statement, now=now)
    stale = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    due = Payment.objects.filter(stale, status=Status.OPEN).order_by("begun_at").values_list("pk", flat=True)
    done = 0
    for pk in list(due):
        with _guarded(f"Payment {pk}"):
            done += process_payment(pk, now=now)
    return done


@contextlib.contextmanager
def _guarded(what: str) -> Iterator[None]:
    try:
        yield
    except DATABASE_LOST:
        raise
    except Exception:
        logger.exception("%s is not collected", what)


def _carried_over(statement: Statement) -> bool:
    """One that was issued before the rule, or whose organization was billed outside then."""
    with transaction.atomic():
        locked = Statement.objects.select_for_update(no_key=True).get(pk=statement.pk)
        if locked.status != Statement.Status.DUE or locked.payments.filter(status=Status.OPEN).exists():
            return False
        return carry_over_if_small(locked)


def _unpaid() -> QuerySet[Statement]:
    """With a card, and nobody who pays otherwise."""
    due = Statement.objects.filter(status=Statement.Status.DUE, organization__payment_waived_at=None)
    with_card = due.exclude(organization__payment_method=None).exclude(organization__payment_method__method_id="")
    return with_card.prefetch_related("payments")


def _is_due(statement: Statement, now: dt.datetime) -> bool:
    """At once, then after three days and four more; with another card at once again."""
    payments = list(statement.payments.all())
    if any(payment.status == Status.OPEN for payment in payments):
        return False
    method = PaymentMethod.objects.get(organization=statement.organization_id)
    ends = [payment.ended_at for payment in payments if payment.method_id == method.method_id and payment.ended_at]
    if not ends:
        return True
    return len(ends) <= len(AGAIN_AFTER) and now >= max(ends) + AGAIN_AFTER[len(ends) - 1]


def begin_payment(statement: Statement, *, now: dt.datetime) -> Payment | None:
    """The row of an attempt; None where one is open already, or the statement is not to be charged (any more)."""
    with transaction.atomic():
        if not _is_chargeable(statement.pk) or statement.payments.filter(status=Status.OPEN).exists():
            return None
        method = PaymentMethod.objects.get(organization=statement.organization_id)
        return Payment.objects.create(
            statement=statement,
            customer_id=method.customer_id,
            method_id=method.method_id,
            card=str(method),
            begun_at=now,
        )


def _is_chargeable(statement_id: int) -> bool:
    """As the statement and its organization are now; both rows stay locked until the transaction ends."""
    statement = Statement.objects.select_for_update(no_key=True).get(pk=statement_id)
    organization = Organization.objects.select_for_update(no_key=True).get(pk=statement.organization_id)
    return statement.status == Statement.Status.DUE and organization.payment_waived_at is None


def process_payment(pk: int, *, now: dt.datetime) -> bool:
    """Bring one open payment as far as it goes. Of two workers one does."""
    stale = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    if not Payment.objects.filter(stale, pk=pk, status=Status.OPEN).update(claimed_at=now):
        return False
    payment = Payment.objects.select_related("statement__organization").get(pk=pk)
    try:
        intent = _charge(payment)
    except stripe.OutcomeUnknown as error:
        logger.warning("Payment %s: nobody knows (%s); it is asked about at the next sweep", pk, error)
        Payment.objects.filter(pk=pk).update(claimed_at=None)
    except NotChargeable:
        _withdraw(payment, now=now)
    except stripe.NotKnown as error:
        _settle_unknown(payment, error, now=now)
    except stripe.Declined as error:
        _settle_refused(payment, error, now=now)
    else:
        _settle(payment, intent, now=now)
    return True


class NotChargeable(Exception):  # noqa: N818 - an outcome
    """The statement was waived, or paid otherwise, after this payment was begun."""


def _charge(payment: Payment) -> stripe.Intent:
    """What has become of it: an intent that is there already is asked for, and confirmed only where it never was."""
    if payment.intent_id:
        intent = stripe.retrieve_intent(payment.intent_id)
    else:
        _refuse_not_chargeable(payment)
        intent = stripe.create_intent(
            customer_id=payment.customer_id,
            method_id=payment.method_id,
            amount_cents=payment.statement.total_cents,
            reference=f"moments-payment-{payment.pk}-{payment.statement.number}",
        )
        Payment.objects.filter(pk=payment.pk).update(intent_id=intent.id)
        payment.intent_id = intent.id
    if intent.status != stripe.IntentStatus.REQUIRES_CONFIRMATION:
        return intent
    _refuse_not_chargeable(payment)
    return stripe.confirm(intent.id)


def _refuse_not_chargeable(payment: Payment) -> None:
    """Decided on the rows as they are now, right before each step that leads to a charge."""
    with transaction.atomic():
        if not _is_chargeable(payment.statement_id):
            raise NotChargeable


def _withdraw(payment: Payment, *, now: dt.datetime) -> None:
    """Nothing was charged, and from now on nothing can be. It is nobody's failure, so nobody is mailed."""
    if payment.intent_id:
        try:
            intent = stripe.cancel(payment.intent_id)
        except stripe.OutcomeUnknown:
            Payment.objects.filter(pk=payment.pk).update(claimed_at=None)
            return
        except stripe.NotKnown:
            pass
        except stripe.Declined as error:
            _settle_refused(payment, error, now=now)
            return
        else:
            if intent.status == stripe.IntentStatus.SUCCEEDED:
                _settle(payment, intent, now=now)
                return
    advance(payment, Status.FAILED, ended_at=now, reason=_("It was not charged: the statement is settled otherwise."))


def _settle_unknown(payment: Payment, error: stripe.NotKnown, *, now: dt.datetime) -> None:
    """The provider does not know the card or the payment: other keys were set, or it was deleted over there.

    It leads on: the payment ends, and another card is charged as soon as it is set up. Where a payment was begun over
    there, an operator has to look whether it went through.
    """
    logger.warning("Payment %s: Stripe does not know %s", payment.pk, error)
    if payment.intent_id:
        text = _(
            "Stripe does not know payment %(intent)s of statement %(statement)s. If its keys were changed, look in the "
            "account that they belonged to whether it was paid, before the statement is charged to another card."
        ) % {"intent": payment.intent_id, "statement": payment.statement}
        notify_operators(_("Stripe does not know a payment"), text, dedupe_key=f"payment_unknown:{payment.pk}", now=now)
    fail(payment, _("Our payment provider no longer knows this card. Set up a card again."), now=now)


def _settle_refused(payment: Payment, why: stripe.Declined, *, now: dt.datetime) -> None:
    """A no to a confirmation may hide a yes that was lost before: the intent itself decides."""
    if payment.intent_id:
        try:
            intent = stripe.retrieve_intent(payment.intent_id)
        except (stripe.OutcomeUnknown, stripe.Declined):
            Payment.objects.filter(pk=payment.pk).update(claimed_at=None)
            return
        if intent.status in stripe.PAID_OR_BEING_PAID:
            _settle(payment, intent, now=now)
            return
    if isinstance(why, stripe.RequestRejected):
        logger.warning("Payment %s: Stripe does not take a call: %s", payment.pk, why)
        fail(payment, _("Our payment provider did not take this payment."), now=now)
    else:
        fail(payment, str(why), now=now)


def _settle(payment: Payment, intent: stripe.Intent, *, now: dt.datetime) -> None:
    if intent.status == stripe.IntentStatus.PROCESSING:
        Payment.objects.filter(pk=payment.pk).update(claimed_at=None)
    elif intent.status != stripe.IntentStatus.SUCCEEDED:
        code = "authentication_required" if intent.status == stripe.IntentStatus.REQUIRES_ACTION else ""
        fail(payment, words_for(code) if code else intent.why or words_for(""), now=now)
    elif intent.amount_cents != payment.statement.total_cents:
        text = _("Stripe has %(theirs)s for %(statement)s, we asked for %(ours)s.") % {
            "theirs": display(intent.amount_cents),
            "statement": payment.statement,
            "ours": display(payment.statement.total_cents),
        }
        notify_operators(_("A payment differs"), text, dedupe_key=f"payment_differs:{payment.pk}", now=now)
    else:
        with transaction.atomic():
            advance(payment, Status.SUCCEEDED, ended_at=now)
            pay(payment.statement, now=now)


def fail(payment: Payment, why: str, *, now: dt.datetime) -> None:
    with transaction.atomic():
        advance(payment, Status.FAILED, ended_at=now, reason=why[:300])
        method = PaymentMethod.objects.select_related("owner").get(organization=payment.statement.organization_id)
        dedupe_key = f"payment_failed:{payment.pk}"
        context = {"payment": payment.pk}
        queue_mail(
            "payment_failed",
            to_email=method.owner.email,
            user=method.owner,
            context=context,
            dedupe_key=dedupe_key,
            now=now,
        )


@emails.add("payment_failed")
def failed_context(context: dict) -> dict:
    """What the mail about a failed payment shows."""
    payment = Payment.objects.select_related("statement__organization").get(pk=context["payment"])
    return {
        "organization": payment.statement.organization.name,
        "month": display_month(payment.statement.month),
        "total": display(payment.statement.total_cents),
        "card": payment.card,
        "why": payment.reason,
        "billing_url": absolute("console:billing:list"),
    }
