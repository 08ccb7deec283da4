"""A statement as PDF."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from campaigns.models import Statement
from moments.i18n.datetimes import display_date, display_month
from moments.money import display
from moments.web.pdf import GREY, Sheet, new_sheet

WIDTHS = (70, 44, 20, 26, 30)  # millimetres


def statement_pdf(statement: Statement) -> bytes:
    """The whole document."""
    lines = list(statement.lines.all())
    names = [statement.organization.name, *(text for line in lines for text in (line.campaign_name, line.moment_key))]
    with new_sheet(Sheet, statement.number, names) as sheet:
        sheet.add_page()
        _head(sheet, statement)
        _table(sheet, statement, lines)
        return bytes(sheet.output())


def _head(sheet: Sheet, statement: Statement) -> None:
    sheet.set_font("Noto", "B", 20)
    sheet.cell(0, 12, _("Statement"), new_x="LMARGIN", new_y="NEXT")
    paid = statement.paid_at
    facts = [
        (_("For"), f"{statement.organization.name}, {statement.organization.country}"),
        (_("Number"), statement.number),
        (_("Month (UTC)"), display_month(statement.month)),
        (_("Issued"), display_date(statement.issued_at.date())),
        (_("State"), _("paid on %s") % display_date(paid.date()) if paid else statement.get_status_display()),
    ]
    for label, value in facts:
        sheet.write_in("", 10)
        sheet.set_text_color(*GREY)
        sheet.cell(40, 6, label)
        sheet.set_text_color(0)
        sheet.write_in("", 10)
        sheet.multi_cell(0, 6, sheet.printable(value), new_x="LMARGIN", new_y="NEXT")
    sheet.ln(6)


def _table(sheet: Sheet, statement: Statement, lines: Iterable[Any]) -> None:
    sheet.set_font("Noto", size=9)
    align = ("LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT")
    with sheet.table(col_widths=WIDTHS, text_align=align, borders_layout="HORIZONTAL_LINES", padding=1.5) as table:
        table.row([_("Campaign"), _("Moment"), _("Actions"), _("Each"), _("Amount")])
        for line in lines:
            each, cents = display(line.each_cents), display(line.cents)
            table.row(
                [sheet.printable(line.campaign_name), sheet.printable(line.moment_key), str(line.actions), each, cents]
            )
        for earlier in statement.carried_from.order_by("month"):
            title = _("Carried over from %s") % earlier.number
            table.row([title, "", "", "", display(earlier.total_cents)])
    sheet.ln(3)
    sheet.set_font("Noto", "B", 12)
    sheet.cell(0, 8, f"{_('Total')}  {display(statement.total_cents)} USD", align="R")
