"""Warehouse steps: picking, packing and the export of parcels."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from moments.errors import RuleViolation
from moments.lifecycle import advance
from redemption.checkout.place_order import record_order_event
from redemption.models import Order, OrderEvent
from redemption.orders.provider_requests import refuse_provided

Status = Order.Status
COLUMNS = [
    *("order_number", "sku", "product", "size", "quantity", "two_day", "placed_at"),
    *("recipient", "street", "city_area", "city", "region", "postal_code", "country", "phone"),
]


def pick_order(order: Order, *, by: User, now: dt.datetime) -> None:
    """Mark an order as picked. Raises ``RuleViolation`` if it is digital, missing or delivered by a provider."""
    if order.product.kind == Product.Kind.DIGITAL:
        raise RuleViolation("no_parcel", _("“%s” comes in no parcel.") % order.product)
    if order.is_missing:
        raise RuleViolation("missing", _("The item of order %s is missing; an equal is offered.") % order.number)
    refuse_provided(order)
    with transaction.atomic():
        advance(order, Status.PICKED, as_read=("is_missing",))
        record_order_event(order, OrderEvent.PICKED, by=by, now=now)


def pack_order(order: Order, *, by: User, now: dt.datetime) -> None:
    with transaction.atomic():
        advance(order, Status.PACKED)
        record_order_event(order, OrderEvent.PACKED, by=by, now=now)


@dataclass
class Shelf:
    """A product in one size with the orders it is picked for."""

    product: Product
    size: str
    orders: list[Order] = field(default_factory=list)


def pick_list(orders: QuerySet[Order]) -> list[Shelf]:
    """Return shelves ordered by category position and SKU, with their orders oldest first."""
    related = orders.select_related("product__category")
    shelves: dict[tuple[int, str], Shelf] = {}
    for order in related.order_by("product__category__position", "product__sku", "size", "placed_at"):
        shelf = shelves.setdefault((order.product_id, order.size), Shelf(order.product, order.size))
        shelf.orders.append(order)
    return list(shelves.values())


def parcels(orders: Iterable[Order]) -> Iterator[list[object]]:
    """Yield the rows of the parcels CSV, header first."""
    yield list(COLUMNS)
    for order in orders:
        what = [order.number, order.product.sku, order.product.title, order.size, 1, order.is_two_day, order.placed_at]
        yield [*what, *(getattr(order, name) for name in COLUMNS[len(what) :])]
