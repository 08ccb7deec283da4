"""What an order costs beyond the credit, paid by the customer through Stripe.

The row is written before Stripe is asked for anything, and its id is the key under which Stripe is asked. Stripe says
what was paid; only then is the order placed, in the transaction that marks the payment. What was paid and cannot be
ordered goes back. The sweep ends whatever was left half way.
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
LEFT_ALONE = dt.timedelta(minutes=1)  # for so long the browser may be at it
SWEEP_FOR = dt.timedelta(seconds=45)  # a slow Stripe must not keep a worker from mails


def payment_of(reward: Reward) -> OrderPayment | None:
    """The one that is begun and not ended."""
    related = ("product", "customer", "reward__campaign", "reward__group__marketplace")
    return OrderPayment.objects.select_related(*related).filter(reward=reward, status=Status.OPEN).first()


def reference_of(payment: OrderPayment) -> str:
    """Under which Stripe is asked for it, however often."""
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
    """The order; where it takes more than the credit, the payment that comes first, with the unit held for it."""
    try:
        return place_order(
            reward, customer=customer, product=product, size=size, address=address, language=language, now=now
        )
    except NotPaid:
        held = reserve_unit(reward, customer=customer, product=product, size=size, address=address, now=now)
        return begin_payment(held, language=language, now=now)


def begin_payment(held: Reservation, *, language: str = "en", now: dt.datetime) -> OrderPayment:
    """What the reserved unit costs beyond the credit is asked for; the one that is open where it is the same.

    The unit is held on while it is paid for. Goes to Stripe, so never inside a transaction.
    """
    open_one = payment_of(held.reward)
    try:
        quote = quote_order(held.reward, held.product, address_of(held), customer=held.customer, now=now)
        refuse_payment(quote, held.product)
        if not quote.to_pay_cents:
            raise RuleViolation("nothing_to_pay", _("Your credit covers all of it now, so there is nothing to pay."))
    except RuleViolation:
        if open_one:
            _leave(open_one, now)  # else somebody could still pay it, for nothing
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
        found = payment_of(held.reward)  # of two tabs the second finds it
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
    """The payment that what is held takes now: another where tax, shipping or a membership has changed it.

    The old one cannot be paid any more, so nobody pays an amount that they have not seen.
    """
    held = reservation_of(payment.reward)
    if held is None or held.product_id != payment.product_id:
        _leave(payment, now)
        raise _not_held(payment.product)
    return begin_payment(held, language=payment.language, now=now)


def intent_of(payment: OrderPayment, *, now: dt.datetime) -> stripe.Intent:
    """As Stripe has it, with the secret for the payer's browser. One that Stripe does not know is ended."""
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
    """Ask Stripe what has become of it. Paid: the order is placed, or the money goes back; else it stays open."""
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
    """What a page shows of a payment that was begun. ``is_unsure``: it may have been paid, and nobody knows yet."""

    payment: OrderPayment
    is_unsure: bool


def look_up(reward: Reward, *, now: dt.datetime) -> LookedUp | None:
    """What has become of the payment of ``reward`` that is open: whoever paid and left finds the order.

    None where there is none. Where Stripe does not answer, the page is shown all the same.
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
    """Stripe has no such payment under the keys of now, so it cannot be paid: the unit is free, another may begin.

    Whether it went through under other keys only a person can find out.
    """
    logger.warning("Payment %s of an order: Stripe does not know it (%s)", payment.pk, error)
    _end(payment, now)
    tell_of_unknown(payment, now=now)


def leave_payment(reward: Reward, *, product: Product, size: ProductSize | None, now: dt.datetime) -> None:
    """The customer goes on with ``product``: a payment for something else is ended first, unless it came through."""
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
    """From now on it cannot be paid, unless it just was: Stripe decides."""
    if not payment.intent_id:  # nobody was given a secret to pay it with
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
    with contextlib.suppress(Conflict):  # whoever was quicker has said how it ended
        advance(payment, Status.ENDED, as_read=("intent_id",), ended_at=now)
    payment.refresh_from_db(fields=["status", "order"])


def _conclude(payment: OrderPayment, intent: stripe.Intent, now: dt.datetime) -> None:
    """The money is there: the order is placed with it. Whoever was quicker has done it.

    Why not, the customer reads: in their language, also where a worker finds it out.
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


# Given back


def _give_back(payment: OrderPayment, why: str, now: dt.datetime) -> None:
    """It was paid and cannot be ordered: the customer is told, and the money goes back."""
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
    """What the customer paid for ``order`` goes back to their card; None where nothing was paid, or it went already.

    Calls nobody: it may be part of the transaction that cancels the order. A worker tells Stripe after the commit.
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
    """Whether Stripe did so already is asked first."""
    with stripe.stripe_errors_as_refusals():
        try:
            stripe.refund(payment.intent_id, reference=f"{reference_of(payment)}-refund")
        except stripe.NotKnown:
            tell_of_unknown_refund(payment, now=now)  # the customer is owed it, so it stays due
            raise
    advance(payment, Status.REFUNDED)


# By the clock


def work_on_payment(pk: int, *, now: dt.datetime) -> None:
    """Bring one payment as far as it goes. Where Stripe does not say, the next sweep asks again."""
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
    """Go on with what is under way, oldest first, for less than a minute; how many.

    One that fails in a way that nobody thought of holds up none of the others.
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
