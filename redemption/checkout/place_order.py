"""Placing an order with a reward."""

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.privacy.user_lock import lock_active_user
from catalog import stock
from catalog.models import Product, ProductSize
from moments.errors import Conflict, IllegalMove, RuleViolation
from moments.lifecycle import advance
from moments.registry import absolute
from outbox.service import notify_operators, queue_mail
from redemption.addresses.address import Address, check_address
from redemption.checkout.reservations import lock_reservation_for
from redemption.choosing.quotes import quote_order, refuse_unpaid
from redemption.models import Order, OrderChange, OrderEvent, OrderPayment, new_order_number
from redemption.orders.provider_requests import request_fulfillment
from redemption.session.abuse_signals import address_signal
from rewards.claims import abuse_limits
from rewards.claims.service import NotAvailable, is_open, mark_redeemed
from rewards.models import Reward

Status = Order.Status
GOOD_AGAIN = [Reward.Status.CLAIMED, Reward.Status.EXPIRED]


def place_order(
    reward: Reward,
    *,
    customer: User,
    product: Product,
    size: ProductSize | None = None,
    address: Address,
    language: str = "en",
    payment: OrderPayment | None = None,
    now: dt.datetime,
) -> Order:
    """Order ``product`` with a claimed reward: take stock, queue the email and, after the commit, ask the provider.

    Products with sizes need ``size``. Uses the reward's reservation; a reservation of another item is released, unless
    the order is refused. If the price exceeds the credit, ``payment`` must be for exactly the difference; it is set to
    paid with the order. Returns the existing order if it was placed before. Raises ``RuleViolation`` if it is refused.
    """
    try:
        with transaction.atomic():
            return _place(reward, customer, product, size, address, language, payment, now)
    except RuleViolation as refusal:
        if found := order_of(reward, customer):
            return found
        raise (NotAvailable() if isinstance(refusal, Conflict | IllegalMove) else refusal) from None


def order_of(reward: Reward, customer: User) -> Order | None:
    """Return the customer's latest active order with this reward; None if they may choose again."""
    orders = Order.objects.filter(reward=reward, customer=customer).exclude(status=Status.CANCELED)
    return orders.exclude(status=Status.REFUNDED, reward__status__in=GOOD_AGAIN).first()


def can_choose_again(order: Order, *, now: dt.datetime) -> bool:
    """Return whether the order ended (canceled or refunded) and its reward can still be used."""
    return (
        order.status in Order.ENDED and order.reward.status == Reward.Status.CLAIMED and is_open(order.reward, now=now)
    )


def _place(
    reward: Reward,
    customer: User,
    product: Product,
    size: ProductSize | None,
    address: Address,
    language: str,
    payment: OrderPayment | None,
    now: dt.datetime,
) -> Order:
    lock_active_user(customer)
    reward.refresh_from_db(fields=["status", "customer", "voided_at"])
    if reward.customer_id == customer.pk and (found := order_of(reward, customer)):
        return found
    if reward.customer_id != customer.pk or not is_open(reward, now=now):
        raise NotAvailable
    stock.refuse_wrong_size(product, size)  # also checks reservations from before the product had sizes
    held = lock_reservation_for(reward, product, size, now=now)
    is_digital = product.kind == Product.Kind.DIGITAL
    address = check_address(address, reward.group.marketplace, is_digital=is_digital)
    refuse_shared_address(reward, customer, address, now=now)
    quote = quote_order(reward, product, address, customer=customer, now=now)
    refuse_unpaid(quote, product, payment)
    mark_redeemed(reward, now=now)
    order = Order.objects.create(
        number=held.number if held else new_order_number(),
        reward=reward,
        customer=customer,
        product=product,
        size=size.label if size else "",
        language=language,
        placed_at=now,
        **quote.as_columns(),
        **address.as_fields(),
    )
    if held:
        held.delete()
    if not (held and stock.was_taken(product, reference=order.number)):  # not taken if it was made to order then
        stock.take_unit(product, size=size, reference=order.number, now=now)
    if payment:
        advance(payment, OrderPayment.Status.PAID, order=order, ended_at=now)
    record_order_event(order, OrderEvent.PLACED, by=customer, now=now)
    mail_customer(order, "order_confirmed", now=now)
    if order.is_two_day:
        _tell_operators(order, now=now)
    request_fulfillment(order, now=now)
    return order


def _tell_operators(order: Order, *, now: dt.datetime) -> None:
    """Notify operators at once of an order that must ship within a day. Other orders are in the daily digest."""
    url = absolute("admin:redemption_order_changelist") + f"?q={order.number}"
    text = f"Order {order.number} has two-day shipping:\n{url}"
    notify_operators(f"Two-day order {order.number}", text, dedupe_key=f"two_day:{order.pk}", now=now)


def refuse_shared_address(reward: Reward, customer: User, address: Address, *, now: dt.datetime) -> None:
    """Refuse an address that too many accounts of the campaign use, else record it. Call inside the order's
    transaction.
    """
    signals = {abuse_limits.Kind.ADDRESS.value: address_signal(address)}
    if excess := abuse_limits.limits_exceeded(reward, customer=customer, signals=signals):
        raise NotAvailable(excess)
    abuse_limits.record_fingerprints(reward, customer=customer, signals=signals, now=now)


def record_order_event(order: Order, event: OrderEvent, *, by: User | None, why: str = "", now: dt.datetime) -> None:
    """Add an entry to the order's history. Raises ``ValueError`` for an unknown event."""
    OrderChange.objects.create(order=order, occurred_at=now, actor=by, event=OrderEvent(event), reason=why)


def mail_customer(order: Order, kind: str, *, now: dt.datetime, **context: Any) -> None:
    queue_mail(
        kind,
        to_email=order.customer.email,
        user=order.customer,
        context={"order": order.pk, **context},
        language=order.language,
        now=now,
    )
