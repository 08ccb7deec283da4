"""CSV import of tracking numbers: checked first, then applied."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from moments.errors import RuleViolation
from moments.web.csv_in import Line, read_lines
from redemption.models import Order
from redemption.shipping.transitions import change_tracking, ship_order

COLUMNS = ["order_number", "carrier", "tracking_number"]
ALSO_CALLED = {"order": "order_number", "number": "order_number", "tracking": "tracking_number"}
MOST_ROWS = 5_000
MOST_BYTES = 500_000


@dataclass
class Parcel:
    """A line of the file and its order.

    ``is_known``: the order was already shipped with this carrier and number. ``is_change``: it was shipped with another
    number or without one.
    """

    line: Line
    order: Order | None = None
    is_known: bool = False
    is_change: bool = False

    @property
    def is_to_be_shipped(self) -> bool:
        return not (self.line.problems or self.is_known or self.is_change)

    @property
    def is_to_be_changed(self) -> bool:
        return self.is_change and not self.line.problems


def check_tracking(content: bytes) -> list[Parcel]:
    """Return every line with its problems and change nothing. Raises ``RuleViolation`` if the file cannot be read."""
    if len(content) > MOST_BYTES:
        message = _("The file is larger than 500 KB; send the lines in several files.")
        raise RuleViolation("invalid_file", message, field="file")
    lines = read_lines(content, COLUMNS, required=COLUMNS, also_called=ALSO_CALLED, most=MOST_ROWS)
    numbers = [_number(line) for line in lines]
    orders = {order.number: order for order in Order.objects.filter(number__in=numbers).select_related("product")}
    first: dict[str, int] = {}
    return [_check(line, orders.get(_number(line)), first) for line in lines]


def _number(line: Line) -> str:
    return line.values["order_number"].upper()


def _check(line: Line, order: Order | None, first: dict[str, int]) -> Parcel:
    for column, most in (("carrier", 60), ("tracking_number", 80)):
        if not line.values[column]:
            line.refuse(column, _("something"))
        line.refuse_long(column, most)
    if order is None:
        line.refuse("order_number", _("the number of an order"))
        return Parcel(line)
    begun = first.setdefault(order.number, line.number)
    if begun != line.number:
        line.refuse("order_number", _("an order that no other line has; line %d has it") % begun)
        return Parcel(line, order)
    if _is_known(line, order):
        return Parcel(line, order, is_known=True)
    if order.can_change_tracking:
        return Parcel(line, order, is_change=True)
    if allowed := _what_is_wrong(order):
        line.refuse("order_number", allowed, given=f"{order.number} ({order.staff_status})")
    return Parcel(line, order)


def _is_known(line: Line, order: Order) -> bool:
    """Return whether the order was already shipped with this carrier and number."""
    given = (line.values["carrier"], line.values["tracking_number"])
    return order.shipped_at is not None and (order.carrier, order.tracking_number) == given


def _what_is_wrong(order: Order) -> str:
    if order.product.kind == order.product.Kind.DIGITAL:
        return _("an order that comes in a parcel")
    if order.is_missing:
        return _("an order that is not missing")
    return "" if order.can_become(Order.Status.SHIPPED) else _("an order that waits to be shipped or is on its way")


def apply_tracking(found: Sequence[Parcel], *, by: User, now: dt.datetime) -> int:
    """Ship the orders of valid lines or change their tracking, each in its own transaction. Returns how many were
    saved.

    Refusals are added to the problems of their line.
    """
    saved = 0
    for parcel in found:
        if parcel.order and (parcel.is_to_be_shipped or parcel.is_to_be_changed):
            act = change_tracking if parcel.is_to_be_changed else ship_order
            carrier, number = parcel.line.values["carrier"], parcel.line.values["tracking_number"]
            try:
                act(parcel.order, by=by, carrier=carrier, tracking_number=number, now=now)
            except RuleViolation as refusal:
                parcel.line.refuse("order_number", refusal.message)
            else:
                saved += 1
    return saved
