"""Packing slips as PDF: one page per parcel, with its address and content."""

import zoneinfo
from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.time_zones import zone_of_user
from moments.i18n.datetimes import display_date
from moments.web.pdf import GREY, Sheet, new_sheet
from redemption.addresses.address import address_of
from redemption.models import Order

LABEL = 40  # millimeters


class Slip(Sheet):
    """A PDF document without page numbers, since each page goes into its own parcel."""

    is_numbered = False

    def text_line(self, text: str, *, size: float, style: str = "", color: tuple[int, int, int] = (0, 0, 0)) -> None:
        self.set_text_color(*color)
        self.write_in(style, size)
        self.multi_cell(120, size * 0.53, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def rule(self) -> None:
        self.set_draw_color(200)
        self.rect(self.l_margin, self.get_y(), self.epw, 0)
        self.ln(2)

    def fact(self, label: str, value: str) -> None:
        self.set_text_color(*GREY)
        self.write_in("", 10)
        self.cell(LABEL, 7, label)
        self.set_text_color(0)
        self.write_in("", 10)
        self.multi_cell(0, 7, self.printable(value), align="L", new_x="LMARGIN", new_y="NEXT")


def slips_pdf(orders: Sequence[Order]) -> bytes:
    """Return the slips of all orders as one PDF, each in its customer's language and without prices."""
    texts = [text for order in orders for text in (*address_of(order).lines(), order.product.title, order.size)]
    with new_sheet(Slip, "Packing slips", texts, {order.language for order in orders}) as sheet:
        for order in orders:
            with translation.override(order.language):
                _slip(sheet, order)
        return bytes(sheet.output())


def _slip(sheet: Slip, order: Order) -> None:
    sheet.add_page()
    address = address_of(order).lines()
    printed = [sheet.printable(line) for line in address]
    sheet.text_line(_("To"), size=10, color=GREY)
    for line in printed:
        sheet.text_line(line, size=14)
    if printed != address:  # so that the packer copies the address by hand
        sheet.ln(2)
        sheet.text_line("Some letters of this address cannot be printed. Copy it from the order.", size=10, style="B")
    sheet.set_y(max(sheet.get_y() + 12, 95))  # where a letter is folded
    sheet.text_line(_("Packing slip"), size=18, style="B")
    sheet.ln(3)
    sheet.fact(_("Order number"), order.number)
    zone = zoneinfo.ZoneInfo(zone_of_user(order.customer, order.reward.group.marketplace.time_zone))
    sheet.fact(_("Ordered on"), display_date(order.placed_at.astimezone(zone).date()))
    if order.is_two_day:
        sheet.fact(_("Shipping"), _("Two-day shipping"))
    _item(sheet, order)


def _item(sheet: Slip, order: Order) -> None:
    sheet.ln(3)
    sheet.rule()
    sheet.fact(_("Item"), order.product.title)
    if order.size:
        sheet.fact(_("Size"), order.size)
    sheet.fact(_("How many"), "1")
    sheet.fact("SKU", order.product.sku)
    sheet.rule()
