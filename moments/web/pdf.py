"""A4 pages as PDF with embedded fonts: Noto Sans, Noto Sans Devanagari for Hindi and Droid Sans Fallback for East Asian
text.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pymupdf_fonts
from django.conf import settings
from django.utils import translation
from fpdf import FPDF
from fpdf.fonts import TTFFont

FONTS = Path(__file__).parent / "fonts"
EAST_ASIAN = FONTS / "DroidSansFallback.ttf"
DEVANAGARI = {"": FONTS / "NotoSansDevanagari-Regular.ttf", "B": FONTS / "NotoSansDevanagari-Bold.ttf"}
FIRST_EAST_ASIAN = "\u2e80"
LETTER_OF = {"hi": "\u0939", "ja": "\u65e5", "ko": "\uac00", "zh": "\u4e2d"}  # of languages that Noto Sans lacks
GREY = (85, 84, 106)
S = TypeVar("S", bound="Sheet")


class ShapedGlyph(NamedTuple):
    codepoint: int
    cluster: int


class ShapingFont(TTFFont):
    """A font whose text can be extracted from the PDF in the original order, even if glyphs are reordered.

    fpdf2 assigns all letters of a cluster to its first glyph and none to the others, which readers show as garbage.
    This class assigns one letter to each glyph, in the order of the text.
    """

    __slots__ = ()  # so that the class of a loaded font can be replaced

    def perform_harfbuzz_shaping(
        self, text: str, font_size_pt: float, text_shaping_params: dict[str, Any] | None
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        glyphs, positions = super().perform_harfbuzz_shaping(text, font_size_pt, text_shaping_params)
        starts = sorted({glyph.cluster for glyph in glyphs})
        ends = dict(zip(starts, [*starts[1:], len(text)], strict=False))
        seen: defaultdict[int, int] = defaultdict(int)
        shaped = []
        for glyph in glyphs:
            cluster = min(glyph.cluster + seen[glyph.cluster], ends[glyph.cluster] - 1)
            seen[glyph.cluster] += 1
            shaped.append(ShapedGlyph(glyph.codepoint, cluster))
        return shaped, positions


class Sheet(FPDF):
    """A PDF document, with page numbers if ``is_numbered``."""

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

    def read_fonts_for(self, letters: set[str]) -> None:
        """Load additional fonts only if ``letters`` need them, since they are large or require text shaping."""
        needed = []
        if any(map(is_devanagari, letters)):
            needed.append("Devanagari")
            for style, file in DEVANAGARI.items():
                self.add_font("Devanagari", style, file)
            for font in self.fonts.values():
                font.__class__ = ShapingFont
            self.set_text_shaping(True)
        if max(letters, default="") >= FIRST_EAST_ASIAN:
            needed.append("East")
            self.add_font("East", "", EAST_ASIAN)
            self.add_font("East", "B", EAST_ASIAN)
        self.set_fallback_fonts(needed)

    def write_in(self, style: str, size: float) -> None:
        """Set the font before every piece of text, because text in a fallback font leaves that font active."""
        self.set_font("Noto", style, size + 1)
        self.set_font("Noto", style, size)

    def printable(self, text: str) -> str:
        """Replace letters that no loaded font contains with question marks."""
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


def is_devanagari(letter: str) -> bool:
    return "\u0900" <= letter <= "\u097f" or "\ua8e0" <= letter <= "\ua8ff"


@contextmanager
def new_sheet(kind: type[S], title: str, texts: Iterable[str], languages: Iterable[str] = ()) -> Iterator[S]:
    """Yield a document to be filled and output inside the block.

    ``texts`` are all texts entered by people; ``languages`` are those of labels and dates, if they may differ from the
    active language.
    """
    spoken = [translation.get_language() or "en", *languages]
    letters = {LETTER_OF.get(language.partition("-")[0], "") for language in spoken}.union(*texts) - {""}
    with tempfile.TemporaryDirectory() as folder:
        sheet = kind(title, Path(folder))
        sheet.read_fonts_for(letters)
        yield sheet
