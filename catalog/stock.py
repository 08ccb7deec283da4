"""Units that are free. Every move is a row; they add up to ``Product.stock``, which is the sum of its sizes' stocks.

Units reserved in a checkout, or ordered and not yet picked, are taken but still on the shelf. A count includes them.
Where a product and a size of it move, the product's row is locked first; where several products do, the lowest id.
"""

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from catalog.models import Product, ProductSize, StockMove
from moments.errors import RuleViolation, is_violation_of
from moments.registry import promised_units

Reason = StockMove.Reason


class SoldOut(RuleViolation):
    """No unit of the product is left."""


class SizeRefused(RuleViolation):
    """The product is there, and this size of it cannot be had: another one has to be chosen."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message, field="size")


@transaction.atomic
def take_unit(product: Product, *, size: ProductSize | None = None, reference: str, now: dt.datetime) -> None:
    """Take one unit for ``reference`` (an order). Refuses ``sold_out``, and a second unit for the same reference.

    What comes in sizes is taken in one of its own. What is made to order has no shelf: nothing is counted.
    """
    row = Product.objects.filter(pk=product.pk)
    if not _take_from(row.exclude(kind=Product.Kind.MADE_TO_ORDER)):
        if row.filter(kind=Product.Kind.MADE_TO_ORDER).exists():
            refuse_wrong_size(product, size)
            return
        raise SoldOut("sold_out", _("“%(product)s” is sold out.") % {"product": product})
    refuse_wrong_size(product, size)
    if size and not _take_from(ProductSize.objects.filter(pk=size.pk)):
        message = _("“%(product)s” is sold out in size %(size)s.") % {"product": product, "size": size}
        raise SizeRefused("size_sold_out", message)
    _record_move(product, size, -1, Reason.ORDER, reference, now)


def _take_from(row: QuerySet) -> bool:
    """False where there is none."""
    return bool(row.filter(stock__gte=1).update(stock=F("stock") - 1))


def refuse_wrong_size(product: Product, size: ProductSize | None) -> None:
    """No size where there are some, or one of another product."""
    if size is None and product.sizes.exists():
        raise SizeRefused("no_size", _("Choose a size of “%(product)s”.") % {"product": product})
    if size is not None and size.product_id != product.pk:
        message = _("“%(product)s” does not come in size %(size)s.") % {"product": product, "size": size}
        raise SizeRefused("wrong_size", message)


def was_taken(product: Product, *, reference: str) -> bool:
    """Not where it was made to order then, whatever it is now."""
    return product.stock_moves.filter(reason=Reason.ORDER, reference=reference).exists()


@transaction.atomic
def put_back_unit(product: Product, *, reference: str, now: dt.datetime) -> None:
    """Put back the unit that was taken for ``reference``, in its size; once, however often it is asked for.

    Where none was, none comes back: it was made to order then, whatever it is now. What was taken before the product
    had sizes is counted out again: nobody knows of which size it is.
    """
    _lock(product)
    moves = {move.reason: move for move in product.stock_moves.filter(reference=reference).select_related("size")}
    if Reason.ORDER in moves and Reason.RETURN not in moves:
        size = moves[Reason.ORDER].size
        _move_units(product, size, 1, Reason.RETURN, reference, now)
        if size is None and product.sizes.exists():
            _move_units(product, None, -1, Reason.COUNT, "", now)


@transaction.atomic
def receive_units(
    product: Product, units: int, *, size: ProductSize | None = None, reference: str = "", now: dt.datetime
) -> None:
    """A delivery came in."""
    if units < 1:
        raise RuleViolation("invalid_units", _("A delivery brings at least one unit."), field="units")
    _lock(product)
    refuse_wrong_size(product, size)
    _move_units(product, size, units, Reason.DELIVERY, reference, now)


@transaction.atomic
def count_units(
    product: Product, units: int, *, size: ProductSize | None = None, reference: str = "", now: dt.datetime
) -> int:
    """Set the stock to ``units`` counted, of which those committed to orders and reservations are not available.

    Returns how many committed units are missing; then none is available. A count with a reference writes a ledger line
    even where nothing differs, so that it counts once.
    """
    if units < 0:
        raise RuleViolation("invalid_units", _("There cannot be fewer than no units."), field="units")
    locked = _lock(product)
    refuse_wrong_size(product, size)
    promised = promised_units(product, size)
    difference = max(units - promised, 0) - _free(locked, size)
    if difference or reference:
        _move_units(product, size, difference, Reason.COUNT, reference, now)
    product.refresh_from_db(fields=["stock"])
    return max(promised - units, 0)


def units_on_shelf(product: Product, size: ProductSize | None = None) -> int:
    """What a person should count there: what is free, and what is promised and not yet fetched."""
    return _free(Product.objects.get(pk=product.pk), size) + promised_units(product, size)


def _free(product: Product, size: ProductSize | None) -> int:
    return ProductSize.objects.get(pk=size.pk).stock if size else product.stock


@transaction.atomic
def add_size(product: Product, label: str, *, position: int = 1, now: dt.datetime) -> ProductSize:
    """``product`` comes in ``label`` from now on.

    What was counted before it had sizes is counted out: nobody knows of which size it is.
    """
    if product.kind == Product.Kind.DIGITAL:
        raise RuleViolation("digital", _("A code or link has no size."), field="label")
    locked = _lock(product)
    if locked.stock and not product.sizes.exists():
        _move_units(product, None, -locked.stock, Reason.COUNT, "", now)
    return ProductSize.objects.create(product=product, label=label, position=position)


def lock_products(products: Iterable[Product]) -> None:
    """For a transaction that moves stock of several: in one order, so that no two wait for each other in turn."""
    ids = {product.pk for product in products}
    list(Product.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def _lock(product: Product) -> Product:
    """Its row, as it is now."""
    return Product.objects.select_for_update(no_key=True).get(pk=product.pk)


def _move_units(
    product: Product, size: ProductSize | None, units: int, reason: str, reference: str, now: dt.datetime
) -> None:
    Product.objects.filter(pk=product.pk).update(stock=F("stock") + units)
    if size:
        ProductSize.objects.filter(pk=size.pk).update(stock=F("stock") + units)
    _record_move(product, size, units, reason, reference, now)


def _record_move(
    product: Product, size: ProductSize | None, units: int, reason: str, reference: str, now: dt.datetime
) -> None:
    try:
        with transaction.atomic():
            StockMove.objects.create(
                product=product, size=size, units=units, reason=reason, reference=reference, occurred_at=now
            )
    except IntegrityError as error:
        if not is_violation_of(error, "stock_move_once"):
            raise
        raise RuleViolation(
            "already_moved", _("This was already counted for %(reference)s.") % {"reference": reference}
        ) from None
