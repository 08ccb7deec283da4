"""The history of an order in sentences for its customer."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.models import Product
from redemption.models import Order, OrderChange, OrderEvent

TWO_DAYS = dt.timedelta(days=2)


@dataclass(frozen=True)
class Step:
    at: dt.datetime
    text: str
    why: str = ""


def steps_of(order: Order) -> list[Step]:
    """Return the steps, oldest first. Events without a sentence are for operators only."""
    sentences = [(change, sentence(change, order)) for change in order.history.all()]
    return [Step(change.occurred_at, text, why_of(change)) for change, text in sentences if text]


def sentence(change: OrderChange, order: Order) -> str:
    is_digital = order.product.kind == Product.Kind.DIGITAL
    return {
        OrderEvent.PLACED: _("You ordered it."),
        OrderEvent.PICKED: _("We have it in our hands."),
        OrderEvent.PACKED: _("It is packed."),
        OrderEvent.SHIPPED: _("It is here.") if is_digital else _("It is on its way."),
        OrderEvent.DELIVERED: _("It has arrived."),
        OrderEvent.MISSING: _("It was out of stock. We are looking for an item of equal value."),
        OrderEvent.SUBSTITUTE_OFFERED: _("We offered you an item of equal value: %(product)s.")
        % {"product": change.reason},
        OrderEvent.SUBSTITUTE_ACCEPTED: _("You took it: %(product)s.") % {"product": change.reason},
        OrderEvent.SUBSTITUTE_DECLINED: _("You wait for the original."),
        OrderEvent.ORIGINAL_BACK: _("The original is here again, and one is kept for you."),
        OrderEvent.SUBSTITUTE_SOLD_OUT: _("That had sold out as well. We look again."),
        OrderEvent.CANCELED: _("The order was canceled."),
        OrderEvent.REFUNDED: _("The order was refunded."),
    }.get(OrderEvent(change.event), "")


def why_of(change: OrderChange) -> str:
    return change.reason if change.event in {OrderEvent.CANCELED, OrderEvent.REFUNDED} else ""


def expected_on(order: Order) -> dt.date | None:
    """Return the date on which a shipped parcel usually arrives; None for orders not in transit and digital ones."""
    if order.status != Order.Status.SHIPPED or order.shipped_at is None or order.product.kind == Product.Kind.DIGITAL:
        return None
    usual = dt.timedelta(days=order.reward.group.marketplace.delivery_days)
    return (order.shipped_at + (TWO_DAYS if order.is_two_day else usual)).date()
