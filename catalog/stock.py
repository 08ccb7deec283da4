"""Units on the shelf. Every move is a row, and the rows add up to ``Product.stock``."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from catalog.models import Product, StockMove
from moments.errors import RuleViolation

Reason = StockMove.Reason


@transaction.atomic
def take_unit(product: Product, *, reference: str, now: dt.datetime) -> None:
    """Take one unit for ``reference`` (an order). Refuses ``sold_out``, and a second unit for the same reference.

    What is made to order has no shelf: nothing is counted.
    """
    if product.kind == Product.Kind.MADE_TO_ORDER:
        return
    if not Product.objects.filter(pk=product.pk, stock__gte=1).update(stock=F("stock") - 1):
        raise RuleViolation("sold_out", _("“%(product)s” is sold out.") % {"product": product})
    _record_move(product, -1, Reason.ORDER, reference, now)


@transaction.atomic
def put_back_unit(product: Product, *, reference: str, now: dt.datetime) -> None:
    """Put back the unit that was taken for ``reference``; once, however often it is asked for."""
    if product.kind == Product.Kind.MADE_TO_ORDER:
        return
    Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    moves = set(product.stock_moves.filter(reference=reference).values_list("reason", flat=True))
    if Reason.ORDER not in moves:
        raise RuleViolation("never_taken", _("No unit was taken for %(reference)s.") % {"reference": reference})
    if Reason.RETURN not in moves:
        _move_units(product, 1, Reason.RETURN, reference, now)


@transaction.atomic
def receive_units(product: Product, units: int, *, reference: str = "", now: dt.datetime) -> None:
    """A delivery came in."""
    if units < 1:
        raise RuleViolation("invalid_units", _("A delivery brings at least one unit."), field="units")
    _move_units(product, units, Reason.DELIVERY, reference, now)


@transaction.atomic
def count_units(product: Product, units: int, *, now: dt.datetime) -> None:
    """Somebody counted the shelf: write the difference to what was thought to be there."""
    if units < 0:
        raise RuleViolation("invalid_units", _("There cannot be fewer than no units."), field="units")
    difference = units - Product.objects.select_for_update(no_key=True).get(pk=product.pk).stock
    if difference:
        _move_units(product, difference, Reason.COUNT, "", now)
    product.stock = units


def _move_units(product: Product, units: int, reason: str, reference: str, now: dt.datetime) -> None:
    Product.objects.filter(pk=product.pk).update(stock=F("stock") + units)
    _record_move(product, units, reason, reference, now)


def _record_move(product: Product, units: int, reason: str, reference: str, now: dt.datetime) -> None:
    try:
        with transaction.atomic():
            StockMove.objects.create(product=product, units=units, reason=reason, reference=reference, at=now)
    except IntegrityError:
        raise RuleViolation(
            "already_moved", _("This was already counted for %(reference)s.") % {"reference": reference}
        ) from None
