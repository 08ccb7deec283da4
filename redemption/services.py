"""Orders: what a customer gets for a reward."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog import stock
from catalog.models import Product
from catalog.shipping import shipping_cents
from catalog.tax import destination_rate
from moments.errors import Conflict, IllegalMove, RuleViolation
from moments.lifecycle import advance
from moments.money import apply_rate, display
from outbox.services import queue_mail
from redemption.addresses import Address, check_address
from redemption.choices import Choice, choice_of, percent_of
from redemption.fulfilment.requests import request_fulfilment, withdraw_request
from redemption.models import Membership, Order, OrderChange
from rewards.models import Reward
from rewards.services import is_open, mark_redeemed, not_available, unmark_redeemed

Status = Order.Status


@dataclass(frozen=True)
class Quote:
    """What an order costs, in minor units of ``currency``: ``borne`` by the operator, ``to_pay`` by the customer."""

    currency: str
    item_cents: int
    shipping_cents: int
    tax_cents: int
    credit_cents: int
    borne_cents: int
    to_pay_cents: int
    is_two_day: bool

    @property
    def total_cents(self) -> int:
        return self.item_cents + self.shipping_cents + self.tax_cents


def is_member(user: User, *, now: dt.datetime) -> bool:
    today = now.date()
    return Membership.objects.filter(user=user, starts_on__lte=today, ends_on__gte=today).exists()


def quote_order(reward: Reward, product: Product, address: Address, *, customer: User, now: dt.datetime) -> Quote:
    """Item, shipping and tax at this address, and who pays what. Refuses what the reward does not offer."""
    return quote_choice(reward, choice_of(reward, product), address, customer=customer, now=now)


def quote_choice(reward: Reward, choice: Choice, address: Address, *, customer: User, now: dt.datetime) -> Quote:
    store, product = reward.group.marketplace, choice.product
    member = is_member(customer, now=now)
    item = choice.value_cents
    shipping = shipping_cents(store, item, kind=product.kind, is_member=member)
    tax = apply_rate(item, destination_rate(store, country=address.country, region=address.region, now=now))
    total = item + shipping + tax
    credit = min(reward.credit_cents, apply_rate(total, percent_of(reward.group)))
    beyond = total - credit
    is_substitute = choice.stands_in_for is not None
    return Quote(
        currency=reward.currency,
        item_cents=item,
        shipping_cents=shipping,
        tax_cents=tax,
        credit_cents=credit,
        borne_cents=beyond if is_substitute else 0,
        to_pay_cents=0 if is_substitute else beyond,
        is_two_day=member and product.kind != Product.Kind.DIGITAL,
    )


def refuse_payment(quote: Quote, product: Product) -> None:
    """What exceeds the credit would have to be paid, and this installation takes no payments."""
    if quote.to_pay_cents:
        message = _(
            "“%(product)s” comes to %(total)s with shipping and tax; your credit is %(credit)s. The rest cannot be "
            "paid here, so choose something else."
        )
        values = {
            "product": product,
            "total": display(quote.total_cents, quote.currency),
            "credit": display(quote.credit_cents, quote.currency),
        }
        raise RuleViolation("beyond_credit", message % values)


def place_order(
    reward: Reward, *, customer: User, product: Product, address: Address, language: str = "en", now: dt.datetime
) -> Order:
    """Order ``product`` with a claimed reward: stock taken, mail queued, its provider asked for after the commit.

    A repeat gets the order there is.
    """
    try:
        with transaction.atomic():
            return _place(reward, customer, product, address, language, now)
    except (Conflict, IllegalMove):
        if found := order_of(reward, customer):
            return found
        raise not_available() from None


def order_of(reward: Reward, customer: User) -> Order | None:
    """The customer's order that was placed with this reward and not cancelled."""
    return Order.objects.filter(reward=reward, customer=customer).exclude(status=Status.CANCELLED).first()


def _place(reward, customer, product, address, language, now) -> Order:
    reward.refresh_from_db(fields=["status", "customer", "voided_at"])
    if reward.customer_id == customer.pk and (found := order_of(reward, customer)):
        return found
    if reward.customer_id != customer.pk or not is_open(reward, now=now):
        raise not_available()
    is_digital = product.kind == Product.Kind.DIGITAL
    address = check_address(address, reward.group.marketplace, is_digital=is_digital)
    choice = choice_of(reward, product)
    quote = quote_choice(reward, choice, address, customer=customer, now=now)
    refuse_payment(quote, product)
    mark_redeemed(reward, now=now)
    order = Order.objects.create(
        reward=reward,
        customer=customer,
        product=product,
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
    stock.take_unit(product, reference=order.number, now=now)
    note_change(order, "placed", by=customer, now=now)
    mail_customer(order, "order_confirmed", now=now)
    request_fulfilment(order, now=now)
    return order


def address_of(order: Order) -> Address:
    return Address(**{name: getattr(order, name) for name in Address.__dataclass_fields__})


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


def ship_order(
    order: Order, *, by: User, carrier: str = "", tracking_number: str = "", digital_content: str = "", now: dt.datetime
) -> None:
    """Sent by hand: a code or link is in the mail and on the order's page. Refuses a digital one without it.

    A provider that was to do it is no longer asked; where it may have the order already, this is refused.
    """
    if order.product.kind == Product.Kind.DIGITAL and not digital_content.strip():
        message = _("“%s” is delivered as a code or link; enter it first.") % order.product
        raise RuleViolation("no_digital_content", message, field="digital_content")
    sent = {"carrier": carrier, "tracking_number": tracking_number, "digital_content": digital_content}
    with transaction.atomic():
        withdraw_request(order)
        mark_shipped(order, {name: text.strip() for name, text in sent.items()}, by=by, now=now)


def mark_shipped(order: Order, sent: dict[str, str], *, by: User | None, now: dt.datetime) -> None:
    """It is on its way: by a person's hand, or (``by`` None) by a provider that has accepted the order."""
    changes: dict[str, Any] = {"shipped_at": now, **sent}
    with transaction.atomic():
        advance(order, Status.SHIPPED, **changes)
        note_change(order, "shipped", by=by, now=now)
        mail_customer(order, "order_shipped", now=now)


def deliver_order(order: Order, *, by: User | None, now: dt.datetime) -> None:
    with transaction.atomic():
        advance(order, Status.DELIVERED, delivered_at=now)
        note_change(order, "delivered", by=by, now=now)


def cancel_order(order: Order, *, by: User, reason: str, now: dt.datetime) -> None:
    """Nothing is sent; the unit goes back to the shelf and the reward can be ordered with until it expires.

    Refused while a provider is asked for it, or has it.
    """
    if not reason.strip():
        raise RuleViolation("no_reason", _("Say why; the customer reads it."), field="reason")
    with transaction.atomic():
        withdraw_request(order)
        advance(order, Status.CANCELLED, cancelled_at=now)
        if not order.is_missing:
            stock.put_back_unit(order.product, reference=stock_reference(order), now=now)
        order.substitutions.filter(status="offered").update(status="declined", decided_at=now)
        order.reward.refresh_from_db(fields=["status", "voided_at"])
        unmark_redeemed(order.reward, now=now)
        note_change(order, "cancelled", by=by, why=reason.strip(), now=now)
        can_choose_again = is_open(order.reward, now=now)
        mail_customer(order, "order_cancelled", reason=reason.strip(), can_choose_again=can_choose_again, now=now)


def stock_reference(order: Order) -> str:
    """Under which the order's present unit was taken: its own number, or that of the substitution it was changed by."""
    accepted = order.substitutions.filter(status="accepted").order_by("-decided_at").first()
    return f"{order.number}/{accepted.pk}" if accepted else order.number
