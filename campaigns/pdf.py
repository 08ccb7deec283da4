"""A4 pages as PDF. Noto Sans for what is written in letters, Droid Sans Fallback for what is not; both embedded."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pymupdf_fonts
from django.conf import settings
from django.utils import translation
from fpdf import FPDF
from fpdf.fonts import TTFFont

EAST_ASIAN = Path(__file__).parent / "fonts" / "DroidSansFallback.ttf"
FIRST_EAST_ASIAN = "\u2e80"
GREY = (85, 84, 106)
S = TypeVar("S", bound="Sheet")


class Sheet(FPDF):
    """With the number of the page below, where ``is_numbered``."""

    is_numbered = True

    def __init__(self, title: str, fonts: Path) -> None:
        super().__init__(format="A4")
        self.set_title(title)
        self.set_author("Moments")
        self.set_lang(translation.get_language() or "en")
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

    def write_in(self, style: str, size: float) -> None:
        """Before every piece of text: a piece in the fallback font leaves that behind, unless a font is set anew."""
        self.set_font("Noto", style, size + 1)
        self.set_font("Noto", style, size)

    def printable(self, text: str) -> str:
        """With a question mark for every letter that no font here can draw."""
        fonts = [font for font in self.fonts.values() if isinstance(font, TTFFont)]
        return "".join(
            letter if letter.isspace() or any(ord(letter) in font.cmap for font in fonts) else "?" for letter in text
        )

    def footer(self) -> None:
        if self.is_numbered:
            self.set_y(-14)
            self.set_font("Noto", size=8)
            self.set_text_color(*GREY)
            self.cell(0, 6, f"{settings.BASE_URL.partition('//')[2]}   {self.page_no()} / {{nb}}", align="C")


@contextmanager
def new_sheet(kind: type[S], title: str, texts: Iterable[str]) -> Iterator[S]:
    """To be filled and output inside the block; ``texts`` are all that may hold letters of East Asia."""
    with tempfile.TemporaryDirectory() as folder:
        sheet = kind(title, Path(folder))
        if any(max(text, default="") >= FIRST_EAST_ASIAN for text in texts):
            sheet.read_east_asian()
        yield sheet
