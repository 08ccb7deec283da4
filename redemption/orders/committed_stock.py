"""Committed stock: units that are reserved or ordered but still on the shelf."""

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Left

from catalog.models import Product, ProductSize, StockMove
from moments import registry
from redemption.models import Order, Reservation, new_order_number

NUMBER = len(new_order_number())


@registry.promised_units.provide
def promised_units(product: Product, size: ProductSize | None = None) -> int:
    """Return the number of units reserved in a checkout, or ordered and not picked, without missing ones.

    A single query, so that a reservation that becomes an order meanwhile is counted once. Stock moves of substitutes
    and replacements have the order's number as a prefix of their reference; each order counts once. A move without a
    size counts for every size.
    """
    taken = StockMove.objects.filter(Q(size=size) | Q(size=None), product=product, reason=StockMove.Reason.ORDER)
    taken = taken.annotate(number=Left("reference", NUMBER))
    held = Reservation.objects.filter(product=product, number=OuterRef("number"))
    ordered = Order.objects.filter(
        product=product, status=Order.Status.PLACED, is_missing=False, number=OuterRef("number")
    )
    return taken.filter(Exists(held) | Exists(ordered)).order_by().values("number").distinct().count()
