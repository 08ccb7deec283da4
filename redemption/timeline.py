"""What happened to an order, as its customer reads it: in sentences, and nothing that concerns operators alone."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.models import Product
from redemption.models import Order, OrderChange

TWO_DAYS = dt.timedelta(days=2)


@dataclass(frozen=True)
class Step:
    at: dt.datetime
    text: str
    why: str = ""


def steps_of(order: Order) -> list[Step]:
    """The oldest first. What has no sentence is not the customer's to read."""
    told = [(change, sentence(change, order)) for change in order.history.all()]
    return [Step(change.at, text, why_of(change)) for change, text in told if text]


def sentence(change: OrderChange, order: Order) -> str:
    is_digital = order.product.kind == Product.Kind.DIGITAL
    return {
        "placed": _("You ordered it."),
        "picked": _("We have it in our hands."),
        "packed": _("It is packed."),
        "shipped": _("It is here.") if is_digital else _("It is on its way."),
        "delivered": _("It has arrived."),
        "missing": _("It was not on its shelf. We look for something equal."),
        "equal offered": _("We offered you something equal: %(product)s.") % {"product": change.why},
        "equal accepted": _("You took it: %(product)s.") % {"product": change.why},
        "equal declined": _("You wait for the original."),
        "original is back": _("The original is here again, and one is kept for you."),
        "equal sold out": _("That had sold out as well. We look again."),
        "cancelled": _("The order was cancelled."),
        "refunded": _("The order was refunded."),
    }.get(change.what, "")


def why_of(change: OrderChange) -> str:
    return change.why if change.what in {"cancelled", "refunded"} else ""


def expected_on(order: Order) -> dt.date | None:
    """When a parcel that is under way has usually arrived; None for what is not under way, or is no parcel."""
    if order.status != Order.Status.SHIPPED or order.shipped_at is None or order.product.kind == Product.Kind.DIGITAL:
        return None
    usual = dt.timedelta(days=order.reward.group.marketplace.delivery_days)
    return (order.shipped_at + (TWO_DAYS if order.is_two_day else usual)).date()
