"""Charging statements: begun as a row, made by whoever finds it, asked about before it is tried again."""

import datetime as dt
import logging

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.billing import pay
from campaigns.models import Payment, PaymentMethod, Statement
from campaigns.payments import stripe_api
from moments.errors import is_violation_of
from moments.instants import display_month
from moments.lifecycle import advance
from moments.links import absolute
from moments.money import display
from outbox.services import queue_mail, tell_operators

logger = logging.getLogger(__name__)

AGAIN_AFTER = [dt.timedelta(days=3), dt.timedelta(days=4)]  # after the first failure, after the second
CLAIM = dt.timedelta(minutes=5)  # a worker that is silent for so long is gone
Status = Payment.Status


def collect(*, now: dt.datetime) -> int:
    """Begin the payments that are due, and go on with those that are open; how many were worked on."""
    for statement in _unpaid():
        if _is_due(statement, now):
            begin_payment(statement, now=now)
    stale = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    due = Payment.objects.filter(stale, status=Status.OPEN).values_list("pk", flat=True)
    return sum(work_on(pk, now=now) for pk in list(due))


def _unpaid():
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
    """The row of an attempt; None where there is one already, or the statement is paid."""
    method = PaymentMethod.objects.get(organization=statement.organization_id)
    try:
        with transaction.atomic():
            locked = Statement.objects.select_for_update(no_key=True).get(pk=statement.pk)
            if locked.status != Statement.Status.DUE:
                return None
            return Payment.objects.create(
                statement=locked,
                customer_id=method.customer_id,
                method_id=method.method_id,
                card=str(method),
                begun_at=now,
            )
    except IntegrityError as error:
        if not is_violation_of(error, "payment_open_once", "payment_paid_once"):
            raise
        return None


def work_on(pk: int, *, now: dt.datetime) -> bool:
    """Bring one open payment as far as it goes. Of two workers one does."""
    stale = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    if not Payment.objects.filter(stale, pk=pk, status=Status.OPEN).update(claimed_at=now):
        return False
    payment = Payment.objects.select_related("statement__organization").get(pk=pk)
    try:
        intent = _charge(payment)
    except stripe_api.Unanswered as error:
        logger.warning("Payment %s: nobody knows (%s); it is asked about at the next sweep", pk, error)
        Payment.objects.filter(pk=pk).update(claimed_at=None)
    except stripe_api.Refused as error:
        _settle_refused(payment, str(error), now=now)
    else:
        _settle(payment, intent, now=now)
    return True


def _charge(payment: Payment) -> stripe_api.Intent:
    """What has become of it: an intent that is there already is asked for, and confirmed only where it never was."""
    if payment.intent_id:
        intent = stripe_api.ask_for(payment.intent_id)
    else:
        intent = stripe_api.create_intent(
            customer_id=payment.customer_id,
            method_id=payment.method_id,
            amount_cents=payment.statement.total_cents,
            reference=f"moments-payment-{payment.pk}-{payment.statement.number}",
        )
        Payment.objects.filter(pk=payment.pk).update(intent_id=intent.id)
        payment.intent_id = intent.id
    return stripe_api.confirm(intent.id) if intent.status == "requires_confirmation" else intent


def _settle_refused(payment: Payment, why: str, *, now: dt.datetime) -> None:
    """A no to a confirmation may hide a yes that was lost before: the intent itself decides."""
    if payment.intent_id:
        try:
            intent = stripe_api.ask_for(payment.intent_id)
        except (stripe_api.Unanswered, stripe_api.Refused):
            Payment.objects.filter(pk=payment.pk).update(claimed_at=None)
            return
        if intent.status in {"succeeded", "processing"}:
            _settle(payment, intent, now=now)
            return
    fail(payment, why, now=now)


def _settle(payment: Payment, intent: stripe_api.Intent, *, now: dt.datetime) -> None:
    if intent.status == "processing":
        Payment.objects.filter(pk=payment.pk).update(claimed_at=None)
    elif intent.status != "succeeded":
        bank = _("The bank wants the card's owner to confirm it. Set the card up again.")
        fail(payment, bank if intent.status == "requires_action" else intent.why or intent.status, now=now)
    elif intent.amount_cents != payment.statement.total_cents:
        text = _("Stripe has %(theirs)s for %(statement)s, we asked for %(ours)s.") % {
            "theirs": display(intent.amount_cents),
            "statement": payment.statement,
            "ours": display(payment.statement.total_cents),
        }
        tell_operators(_("A payment differs"), text, once=f"payment_differs:{payment.pk}", now=now)
    else:
        with transaction.atomic():
            advance(payment, Status.SUCCEEDED, ended_at=now)
            pay(payment.statement, now=now)


def fail(payment: Payment, why: str, *, now: dt.datetime) -> None:
    with transaction.atomic():
        advance(payment, Status.FAILED, ended_at=now, why=why[:300])
        method = PaymentMethod.objects.select_related("owner").get(organization=payment.statement.organization_id)
        once = f"payment_failed:{payment.pk}"
        context = {"payment": payment.pk}
        queue_mail(
            "payment_failed", to_email=method.owner.email, user=method.owner, context=context, once=once, now=now
        )


def failed_context(context: dict) -> dict:
    """What the mail about a failed payment shows."""
    payment = Payment.objects.select_related("statement__organization").get(pk=context["payment"])
    return {
        "organization": payment.statement.organization.name,
        "month": display_month(payment.statement.month),
        "total": display(payment.statement.total_cents),
        "card": payment.card,
        "why": payment.why,
        "billing_url": absolute("campaigns:billing"),
    }
