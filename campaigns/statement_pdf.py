"""A statement as PDF. Noto Sans for what is written in letters, Droid Sans Fallback for what is not; both embedded."""

import tempfile
from pathlib import Path

import pymupdf_fonts
from django.conf import settings
from django.utils.translation import gettext as _
from fpdf import FPDF

from campaigns.models import Statement
from moments.instants import display_date, display_month
from moments.money import display

EAST_ASIAN = Path(__file__).parent / "fonts" / "DroidSansFallback.ttf"
FIRST_EAST_ASIAN = "\u2e80"
GREY = (85, 84, 106)
WIDTHS = (70, 44, 20, 26, 30)  # millimetres


class Sheet(FPDF):
    """A4, with the number of the page below."""

    def __init__(self, statement: Statement, fonts: Path) -> None:
        super().__init__(format="A4")
        self.set_title(f"{statement.number}")
        self.set_author("Moments")
        self.set_lang("en")
        self.set_margins(10, 16)
        self.set_auto_page_break(True, margin=20)
        for style, name in (("", "notos"), ("B", "notosbo")):
            file = fonts / f"{name}.ttf"
            file.write_bytes(pymupdf_fonts.myfont(name))
            self.add_font("Noto", style, file)
        self.alias_nb_pages()

    def read_east_asian(self) -> None:
        """For names in Chinese, Japanese or Korean. A large font, so it is read where it is needed."""
        self.add_font("East", "", EAST_ASIAN)
        self.add_font("East", "B", EAST_ASIAN)
        self.set_fallback_fonts(["East"])

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("Noto", size=8)
        self.set_text_color(*GREY)
        self.cell(0, 6, f"{settings.BASE_URL.partition('//')[2]}   {self.page_no()} / {{nb}}", align="C")


def statement_pdf(statement: Statement) -> bytes:
    """The whole document."""
    lines = list(statement.lines.all())
    names = [statement.organization.name, *(text for line in lines for text in (line.campaign_name, line.moment_key))]
    with tempfile.TemporaryDirectory() as folder:
        sheet = Sheet(statement, Path(folder))
        if any(max(name, default="") >= FIRST_EAST_ASIAN for name in names):
            sheet.read_east_asian()
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
        sheet.set_font("Noto", size=10)
        sheet.set_text_color(*GREY)
        sheet.cell(40, 6, label)
        sheet.set_text_color(0)
        sheet.multi_cell(0, 6, value, new_x="LMARGIN", new_y="NEXT")
    sheet.ln(6)


def _table(sheet: Sheet, statement: Statement, lines) -> None:
    sheet.set_font("Noto", size=9)
    align = ("LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT")
    with sheet.table(col_widths=WIDTHS, text_align=align, borders_layout="HORIZONTAL_LINES", padding=1.5) as table:
        table.row([_("Campaign"), _("Moment"), _("Actions"), _("Each"), _("Amount")])
        for line in lines:
            each, cents = display(line.each_cents), display(line.cents)
            table.row([line.campaign_name, line.moment_key, str(line.actions), each, cents])
    sheet.ln(3)
    sheet.set_font("Noto", "B", 12)
    sheet.cell(0, 8, f"{_('Total')}  {display(statement.total_cents)} USD", align="R")
