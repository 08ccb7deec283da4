"""What an order costs beyond the credit, paid by the customer through Stripe.

The row is written before Stripe is asked for anything, and its id is the key under which Stripe is asked. Stripe says
what was paid; only then is the order placed, in the transaction that marks the payment. What was paid and cannot be
ordered goes back. The sweep ends whatever was left half way.
"""

import datetime as dt
import logging

from django.db import transaction

from campaigns.payments import stripe_api
from moments.lifecycle import advance
from moments.nudges import nudge
from redemption.models import Order, OrderPayment

logger = logging.getLogger(__name__)
Status = OrderPayment.Status


def refund_payment(order: Order, *, why: str, now: dt.datetime) -> OrderPayment | None:
    """What the customer paid for ``order`` goes back to their card; None where nothing was paid, or it went already.

    Calls nobody: it may be part of the transaction that cancels the order. A worker tells Stripe after the commit.
    """
    payment = OrderPayment.objects.filter(order=order, status=Status.PAID).first()
    if payment is not None:
        _begin_refund(payment, why=why, now=now)
    return payment


def _begin_refund(payment: OrderPayment, *, why: str, now: dt.datetime) -> None:
    with transaction.atomic():
        advance(payment, Status.REFUNDING, ended_at=now, why=why[:300])
        _nudge_after_commit(payment.pk)


def _nudge_after_commit(pk: int) -> None:
    transaction.on_commit(lambda: nudge("redemption.tasks.work_on_payment", pk), robust=True)


def reference_of(payment: OrderPayment) -> str:
    """Under which Stripe is asked for it, however often."""
    return f"moments-order-payment-{payment.pk}"


def send_refund(payment: OrderPayment) -> None:
    """Tell Stripe; whether it did so already is asked first. Where nobody knows, the next sweep asks again."""
    try:
        stripe_api.give_back(payment.intent_id, reference=f"{reference_of(payment)}-refund")
    except (stripe_api.Unanswered, stripe_api.Refused) as error:
        logger.warning("The refund of payment %s is not known to be made: %s", payment.pk, error)
    else:
        advance(payment, Status.REFUNDED)


def work_on_payment(pk: int, *, now: dt.datetime) -> None:
    """Bring one payment as far as it goes."""
    payment = OrderPayment.objects.get(pk=pk)
    if payment.status == Status.REFUNDING:
        send_refund(payment)


def sweep_payments(*, now: dt.datetime) -> int:
    """Go on with what is under way; how many."""
    waiting = OrderPayment.objects.filter(status=Status.REFUNDING).order_by("begun_at")
    found = list(waiting.values_list("pk", flat=True))
    for pk in found:
        work_on_payment(pk, now=now)
    return len(found)
