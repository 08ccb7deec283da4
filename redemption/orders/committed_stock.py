"""What is promised and not yet fetched: units that were taken for somebody and still stand on the shelf."""

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Left

from catalog.models import Product, ProductSize, StockMove
from moments import registry
from redemption.models import Order, Reservation, new_order_number

NUMBER = len(new_order_number())


@registry.promised_units.provide
def promised_units(product: Product, size: ProductSize | None = None) -> int:
    """Held in a checkout, or ordered and not picked. What was looked for and is missing does not stand there.

    One statement, so that what turns from held to ordered meanwhile is seen once. The unit of an equal, and one that is
    taken in place of a missing one, was taken under the order's number and more; each order has one. One that was taken
    before there were sizes may be of any of them, so it is kept in each that is counted.
    """
    taken = StockMove.objects.filter(Q(size=size) | Q(size=None), product=product, reason=StockMove.Reason.ORDER)
    taken = taken.annotate(number=Left("reference", NUMBER))
    held = Reservation.objects.filter(product=product, number=OuterRef("number"))
    ordered = Order.objects.filter(
        product=product, status=Order.Status.PLACED, is_missing=False, number=OuterRef("number")
    )
    return taken.filter(Exists(held) | Exists(ordered)).order_by().values("number").distinct().count()
