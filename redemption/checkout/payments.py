"""Payments of customers through Stripe, for what an order costs beyond the credit.

The row is saved before the first call to Stripe, and its id is the idempotency key. The order is placed only after
Stripe confirms the payment, in the transaction that sets it to paid. Money that cannot be used for an order is
refunded. The sweep completes interrupted payments.
"""

import contextlib
import datetime as dt
import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.privacy.user_lock import lock_active_user
from catalog.models import Product, ProductSize
from moments import clock
from moments.errors import Conflict, NotResponding, RuleViolation
from moments.integrations import stripe
from moments.integrations.task_dispatch import enqueue
from moments.lifecycle import advance
from outbox.service import queue_mail
from redemption.addresses.address import Address, address_of
from redemption.checkout.place_order import place_order
from redemption.checkout.reservations import is_for, lock_reservation, reservation_of, reserve_unit
from redemption.checkout.unknown_payments import tell_of_unknown, tell_of_unknown_refund
from redemption.choosing.quotes import NotPaid, quote_order, refuse_payment
from redemption.models import Order, OrderPayment, Reservation
from rewards.models import Reward

logger = logging.getLogger(__name__)
Status = OrderPayment.Status
PAY_WITHIN = dt.timedelta(minutes=20)
LEFT_ALONE = dt.timedelta(minutes=1)  # time in which the browser may complete the payment
SWEEP_FOR = dt.timedelta(seconds=45)  # leave the worker time for emails if Stripe is slow


def payment_of(reward: Reward) -> OrderPayment | None:
    """Return the open payment of ``reward``, or None."""
    related = ("product", "customer", "reward__campaign", "reward__group__marketplace")
    return OrderPayment.objects.select_related(*related).filter(reward=reward, status=Status.OPEN).first()


def reference_of(payment: OrderPayment) -> str:
    """Return the idempotency key for calls to Stripe."""
    return f"moments-order-payment-{payment.pk}"


# Begun


def order_or_begin_payment(
    reward: Reward,
    *,
    customer: User,
    product: Product,
    size: ProductSize | None,
    address: Address,
    language: str,
    now: dt.datetime,
) -> Order | OrderPayment:
    """Place the order and return it. If the price exceeds the credit, reserve a unit and return the open payment
    instead.
    """
    try:
        return place_order(
            reward, customer=customer, product=product, size=size, address=address, language=language, now=now
        )
    except NotPaid:
        held = reserve_unit(reward, customer=customer, product=product, size=size, address=address, now=now)
        return begin_payment(held, language=language, now=now)


def begin_payment(held: Reservation, *, language: str = "en", now: dt.datetime) -> OrderPayment:
    """Return an open payment for what the reserved unit costs beyond the credit; reuse the open one if the amount is
    the same.

    Extends the reservation while the customer pays. Calls Stripe, so it must not run inside a transaction.
    """
    open_one = payment_of(held.reward)
    try:
        quote = quote_order(held.reward, held.product, address_of(held), customer=held.customer, now=now)
        refuse_payment(quote, held.product)
        if not quote.to_pay_cents:
            raise RuleViolation("nothing_to_pay", _("Your credit covers all of it now, so there is nothing to pay."))
    except RuleViolation:
        if open_one:
            _leave(open_one, now)  # otherwise the customer could pay for nothing
        raise
    if open_one and (open_one.amount_cents, open_one.product_id) != (quote.to_pay_cents, held.product_id):
        _leave(open_one, now)
        open_one = None
    payment = open_one or _open(held, quote.to_pay_cents, language, now)
    if not payment.intent_id:
        _ask_stripe(payment)
    return payment


def _open(held: Reservation, cents: int, language: str, now: dt.datetime) -> OrderPayment:
    with transaction.atomic():
        lock_active_user(held.customer)
        locked = lock_reservation(held.reward)
        if locked is None or locked.pk != held.pk:
            raise _not_held(held.product)
        found = payment_of(held.reward)  # begun by another tab
        if found:
            return found
        Reservation.objects.filter(pk=held.pk).update(held_until=max(locked.held_until, now + PAY_WITHIN))
        return OrderPayment.objects.create(
            reward=held.reward,
            customer=held.customer,
            product=held.product,
            amount_cents=cents,
            currency=held.reward.currency,
            language=language,
            begun_at=now,
        )


def _not_held(product: Product) -> RuleViolation:
    return RuleViolation("not_held", _("“%s” is not held for you any more.") % product)


def _ask_stripe(payment: OrderPayment) -> None:
    with stripe.stripe_errors_as_refusals():
        intent = stripe.begin_intent(
            amount_cents=payment.amount_cents, currency=payment.currency, reference=reference_of(payment)
        )
    OrderPayment.objects.filter(pk=payment.pk, status=Status.OPEN).update(intent_id=intent.id)
    payment.intent_id = intent.id


def as_quoted_now(payment: OrderPayment, *, now: dt.datetime) -> OrderPayment:
    """Return the payment for the current price; a new one if tax, shipping or a membership changed the amount.

    The former payment is ended then, so nobody pays an amount that was not shown.
    """
    held = reservation_of(payment.reward)
    if held is None or held.product_id != payment.product_id:
        _leave(payment, now)
        raise _not_held(payment.product)
    return begin_payment(held, language=payment.language, now=now)


def intent_of(payment: OrderPayment, *, now: dt.datetime) -> stripe.Intent:
    """Return Stripe's payment intent with the client secret. Ends the payment and raises if Stripe does not know it."""
    if not payment.intent_id:
        raise RuleViolation("not_begun", _("This payment was not begun. Try it again."))
    with stripe.stripe_errors_as_refusals():
        try:
            return stripe.retrieve_intent(payment.intent_id)
        except stripe.NotKnown as error:
            _end_unknown(payment, error, now)
            raise


# Ended


def settle_payment(payment: OrderPayment, *, now: dt.datetime) -> OrderPayment:
    """Update the payment from Stripe: place the order or refund it if it was paid; leave it open if it is undecided."""
    if payment.status == Status.OPEN and payment.intent_id:
        with stripe.stripe_errors_as_refusals():
            try:
                intent = stripe.retrieve_intent(payment.intent_id)
            except stripe.NotKnown as error:
                _end_unknown(payment, error, now)
            else:
                _follow(payment, intent, now)
    return payment


@dataclass(frozen=True)
class LookedUp:
    """The state of an open payment for a page. ``is_unsure`` is set if it may have been paid but is not confirmed."""

    payment: OrderPayment
    is_unsure: bool


def look_up(reward: Reward, *, now: dt.datetime) -> LookedUp | None:
    """Update the open payment of ``reward`` from Stripe, so that a customer who paid and left finds the order.

    Returns None if there is none. If Stripe does not respond, the result is unsure and nothing is raised.
    """
    payment = payment_of(reward)
    if payment is None or not payment.intent_id:
        return None
    try:
        intent = intent_of(payment, now=now)
        _follow(payment, intent, now)
    except RuleViolation as refusal:
        return LookedUp(payment, is_unsure=isinstance(refusal, NotResponding))
    return LookedUp(
        payment, is_unsure=payment.status == Status.OPEN and intent.status == stripe.IntentStatus.PROCESSING
    )


def _end_unknown(payment: OrderPayment, error: stripe.NotKnown, now: dt.datetime) -> None:
    """End a payment that Stripe does not know with the current keys, so that the unit can be released.

    Operators are notified: only they can check whether it was paid under former keys.
    """
    logger.warning("Payment %s of an order: Stripe does not know it (%s)", payment.pk, error)
    _end(payment, now)
    tell_of_unknown(payment, now=now)


def leave_payment(reward: Reward, *, product: Product, size: ProductSize | None, now: dt.datetime) -> None:
    """End the payment for another item than ``product``. Raises ``RuleViolation`` if it is paid or still being paid."""
    held, payment = reservation_of(reward), payment_of(reward)
    if payment and not (held and is_for(held, product, size)):
        _leave(payment, now)


def _leave(payment: OrderPayment, now: dt.datetime) -> None:
    end_payment(payment, now=now)
    if payment.status == Status.PAID:
        raise RuleViolation("paid_already", _("“%s” is paid, so it is ordered.") % payment.product)
    if payment.status == Status.OPEN:
        raise RuleViolation("payment_under_way", _("“%s” is being paid for.") % payment.product)


def end_payment(payment: OrderPayment, *, now: dt.datetime) -> None:
    """Cancel the payment at Stripe. If it was already paid, its order is placed or it is refunded."""
    if not payment.intent_id:  # no client secret was issued, so it cannot be paid
        _end(payment, now)
        return
    with stripe.stripe_errors_as_refusals():
        try:
            _follow(payment, _canceled(payment.intent_id), now)
        except stripe.NotKnown as error:
            _end_unknown(payment, error, now)


def _canceled(intent_id: str) -> stripe.Intent:
    try:
        return stripe.cancel(intent_id)
    except stripe.NotKnown:
        raise
    except stripe.Declined:
        return stripe.retrieve_intent(intent_id)


def _follow(payment: OrderPayment, intent: stripe.Intent, now: dt.datetime) -> None:
    if intent.status == stripe.IntentStatus.SUCCEEDED:
        _conclude(payment, intent, now)
    elif intent.status == stripe.IntentStatus.CANCELED:
        _end(payment, now)


def _end(payment: OrderPayment, now: dt.datetime) -> None:
    with contextlib.suppress(Conflict):  # another process ended it first
        advance(payment, Status.ENDED, as_read=("intent_id",), ended_at=now)
    payment.refresh_from_db(fields=["status", "order"])


def _conclude(payment: OrderPayment, intent: stripe.Intent, now: dt.datetime) -> None:
    """Place the order for a confirmed payment, unless another process did. If that is refused, refund the payment.

    The reason is stored in the customer's language.
    """
    with translation.override(payment.language):
        try:
            _order_with(payment, intent, now)
            why = _("There is an order already.")
        except RuleViolation as refusal:
            why = refusal.message
    payment.refresh_from_db(fields=["status", "order"])
    if payment.status == Status.OPEN:
        _give_back(payment, why, now)


def _order_with(payment: OrderPayment, intent: stripe.Intent, now: dt.datetime) -> None:
    held = reservation_of(payment.reward)
    if held is None or held.product_id != payment.product_id:
        raise _not_held(payment.product)
    if (intent.amount_cents, intent.currency) != (payment.amount_cents, payment.currency):
        raise RuleViolation("payment_differs", _("What was paid is not what was asked for."))
    place_order(
        payment.reward,
        customer=payment.customer,
        product=held.product,
        size=held.size,
        address=address_of(held),
        language=payment.language,
        payment=payment,
        now=now,
    )


# Refunded


def _give_back(payment: OrderPayment, why: str, now: dt.datetime) -> None:
    """Begin the refund of a payment that cannot be used for an order and email the customer."""
    with transaction.atomic():
        _begin_refund(payment, why=why, now=now)
        queue_mail(
            "payment_returned",
            to_email=payment.customer.email,
            user=payment.customer,
            context={"payment": payment.pk},
            language=payment.language,
            dedupe_key=f"payment_returned:{payment.pk}",
            now=now,
        )


def refund_payment(order: Order, *, why: str, now: dt.datetime) -> OrderPayment | None:
    """Begin the refund of what the customer paid for ``order``. Returns None if there is no paid payment.

    Can be part of the transaction that cancels the order: a worker calls Stripe after the commit.
    """
    payment = OrderPayment.objects.filter(order=order, status=Status.PAID).first()
    if payment is not None:
        _begin_refund(payment, why=why, now=now)
    return payment


def _begin_refund(payment: OrderPayment, *, why: str, now: dt.datetime) -> None:
    with transaction.atomic():
        advance(payment, Status.REFUNDING, ended_at=now, reason=why[:300])
        transaction.on_commit(lambda: enqueue("redemption.tasks.work_on_payment", payment.pk), robust=True)


def _send_refund(payment: OrderPayment, now: dt.datetime) -> None:
    """Refund at Stripe what has not been refunded yet, and set the payment to refunded. Safe to repeat."""
    with stripe.stripe_errors_as_refusals():
        try:
            stripe.refund(payment.intent_id, reference=f"{reference_of(payment)}-refund")
        except stripe.NotKnown:
            tell_of_unknown_refund(payment, now=now)  # keep it due: the customer is owed the money
            raise
    advance(payment, Status.REFUNDED)


# Scheduled tasks


def work_on_payment(pk: int, *, now: dt.datetime) -> None:
    """Advance one payment as far as possible. If Stripe does not respond, the next sweep tries again."""
    payment = OrderPayment.objects.select_related("product", "customer", "reward__campaign").get(pk=pk)
    try:
        if payment.status == Status.REFUNDING:
            _send_refund(payment, now)
        settle_payment(payment, now=now)
        if payment.status == Status.OPEN and now >= payment.begun_at + PAY_WITHIN:
            end_payment(payment, now=now)
    except RuleViolation as refusal:
        logger.warning("Payment %s of an order is not settled: %s", pk, refusal.message)


def sweep_payments(*, now: dt.datetime) -> int:
    """Advance open and refunding payments, oldest first, for at most 45 seconds. Returns how many were processed.

    An unexpected error in one payment does not stop the others.
    """
    left = Q(status=Status.OPEN, begun_at__lte=now - LEFT_ALONE)
    found = OrderPayment.objects.filter(left | Q(status=Status.REFUNDING)).order_by("begun_at")
    done, began = 0, clock.now()
    for pk in list(found.values_list("pk", flat=True)):
        if clock.now() - began > SWEEP_FOR:
            break
        try:
            work_on_payment(pk, now=now)
            done += 1
        except Exception:
            logger.exception("Payment %s of an order", pk)
    return done
