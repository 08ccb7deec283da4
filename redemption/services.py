"""Orders: what a customer gets for a reward."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from catalog import stock
from catalog.models import Product, ProductSize
from moments.errors import Conflict, IllegalMove
from outbox.services import queue_mail
from redemption.addresses import Address, check_address
from redemption.choices import choice_of
from redemption.fulfilment.requests import request_fulfilment
from redemption.marks import mark_of_address
from redemption.models import Order, OrderChange
from redemption.quotes import quote_choice, refuse_payment
from rewards import claims
from rewards.models import Reward
from rewards.services import NotAvailable, is_open, mark_redeemed

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
    now: dt.datetime,
) -> Order:
    """Order ``product`` with a claimed reward: stock taken, mail queued, its provider asked for after the commit.

    What comes in sizes needs one. A repeat gets the order there is.
    """
    try:
        with transaction.atomic():
            return _place(reward, customer, product, size, address, language, now)
    except (Conflict, IllegalMove):
        if found := order_of(reward, customer):
            return found
        raise NotAvailable from None


def order_of(reward: Reward, customer: User) -> Order | None:
    """The customer's order with this reward, the latest; none where they may choose again."""
    orders = Order.objects.filter(reward=reward, customer=customer).exclude(status=Status.CANCELLED)
    return orders.exclude(status=Status.REFUNDED, reward__status__in=GOOD_AGAIN).first()


def can_choose_again(order: Order, *, now: dt.datetime) -> bool:
    """It came to nothing, and what it was placed with is still good."""
    return (
        order.status in Order.ENDED and order.reward.status == Reward.Status.CLAIMED and is_open(order.reward, now=now)
    )


def _place(reward, customer, product, size, address, language, now) -> Order:
    reward.refresh_from_db(fields=["status", "customer", "voided_at"])
    if reward.customer_id == customer.pk and (found := order_of(reward, customer)):
        return found
    if reward.customer_id != customer.pk or not is_open(reward, now=now):
        raise NotAvailable
    is_digital = product.kind == Product.Kind.DIGITAL
    address = check_address(address, reward.group.marketplace, is_digital=is_digital)
    refuse_shared_address(reward, customer, address, now=now)
    choice = choice_of(reward, product)
    quote = quote_choice(reward, choice, address, customer=customer, now=now)
    refuse_payment(quote, product)
    mark_redeemed(reward, now=now)
    order = Order.objects.create(
        reward=reward,
        customer=customer,
        product=product,
        size=size.label if size else "",
        language=language,
        currency=quote.currency,
        item_cents=quote.item_cents,
        shipping_cents=quote.shipping_cents,
        tax_cents=quote.tax_cents,
        credit_cents=quote.credit_cents,
        borne_cents=quote.borne_cents,
        is_two_day=quote.is_two_day,
        placed_at=now,
        **address.as_fields(),
    )
    stock.take_unit(product, size=size, reference=order.number, now=now)
    note_change(order, "placed", by=customer, now=now)
    mail_customer(order, "order_confirmed", now=now)
    request_fulfilment(order, now=now)
    return order


def refuse_shared_address(reward: Reward, customer: User, address: Address, *, now: dt.datetime) -> None:
    """So many accounts have things of a campaign sent to one address. Inside the transaction: it leaves the trace."""
    marks = {claims.Kind.ADDRESS.value: mark_of_address(address)}
    if excess := claims.excesses_of(reward, customer=customer, marks=marks):
        raise NotAvailable(excess)
    claims.leave_traces(reward, customer=customer, marks=marks, now=now)


def note_change(order: Order, what: str, *, by: User | None, why: str = "", now: dt.datetime) -> None:
    OrderChange.objects.create(order=order, at=now, by=by, what=what, why=why)


def mail_customer(order: Order, kind: str, *, now: dt.datetime, **context) -> None:
    queue_mail(
        kind,
        to_email=order.customer.email,
        user=order.customer,
        context={"order": order.pk, **context},
        language=order.language,
        now=now,
    )
