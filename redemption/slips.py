"""Packing slips: one page for each parcel, with the address as its country writes it and what is to lie in it."""

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.pdf import GREY, Sheet, new_sheet
from moments.instants import display_date
from redemption.addresses import address_of
from redemption.models import Order

WIDTHS = (40, 110, 20, 20)  # millimetres


class Slip(Sheet):
    """Each page goes into a parcel of its own, so that none is numbered."""

    is_numbered = False


def slips_pdf(orders: Sequence[Order]) -> bytes:
    """All of them in one document, each in its customer's language. No prices: it may be opened by somebody else."""
    texts = [text for order in orders for text in (*address_of(order).lines(), order.product.title, order.size)]
    with new_sheet("Packing slips", texts, Slip) as sheet:
        for order in orders:
            with translation.override(order.language):
                _slip(sheet, order)
        return bytes(sheet.output())


def _slip(sheet: Sheet, order: Order) -> None:
    sheet.add_page()
    address = address_of(order).lines()
    sheet.set_text_color(*GREY)
    sheet.set_font("Noto", size=10)
    sheet.cell(0, 6, _("To"), new_x="LMARGIN", new_y="NEXT")
    sheet.set_text_color(0)
    sheet.set_font("Noto", size=14)
    printed = [sheet.printable(line) for line in address]
    for line in printed:
        sheet.multi_cell(120, 7.5, line, new_x="LMARGIN", new_y="NEXT")
    if printed != address:
        _warn(sheet)
    sheet.set_y(max(sheet.get_y() + 12, 95))  # the fold of a letter
    _facts(sheet, order)
    _items(sheet, order)


def _warn(sheet: Sheet) -> None:
    """For the packer, who has to write it by hand then: better than a parcel with boxes for letters."""
    sheet.set_font("Noto", "B", 10)
    told = "Some letters of this address cannot be printed. Copy it from the order's page."
    sheet.multi_cell(120, 6, told, border=1, align="L", new_x="LMARGIN", new_y="NEXT")


def _facts(sheet: Sheet, order: Order) -> None:
    sheet.set_font("Noto", "B", 18)
    sheet.cell(0, 12, _("Packing slip"), new_x="LMARGIN", new_y="NEXT")
    sheet.set_font("Noto", size=10)
    facts = [(_("Order"), order.number), (_("Ordered on"), display_date(order.placed_at.date()))]
    if order.is_two_day:
        facts.append((_("Shipping"), _("Two-day shipping")))
    for label, value in facts:
        sheet.set_text_color(*GREY)
        sheet.cell(40, 6, label)
        sheet.set_text_color(0)
        sheet.cell(0, 6, value, new_x="LMARGIN", new_y="NEXT")
    sheet.ln(6)


def _items(sheet: Sheet, order: Order) -> None:
    align = ("LEFT", "LEFT", "LEFT", "RIGHT")
    with sheet.table(col_widths=WIDTHS, text_align=align, borders_layout="HORIZONTAL_LINES", padding=1.5) as table:
        table.row([_("SKU"), _("Item"), _("Size"), _("Number")])
        table.row([order.product.sku, sheet.printable(order.product.title), sheet.printable(order.size) or "–", "1"])
