"""CSV downloads for spreadsheets and programs. ``csv_in`` can read them back."""

import csv
import re
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

BYTE_ORDER_MARK = "\ufeff"  # without it, Excel does not detect UTF-8
CELL_ENDS = re.compile(r"([;\t\r\n])")  # cell separators of spreadsheets that do not split at commas
FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]")  # noqa: RUF001 - spreadsheets also accept full-width signs
NUMBER = re.compile(r"'*\s*[+-]?[0-9 .,()/-]+\s*")  # includes phone numbers; neither can be a formula


def guarded(value: object) -> str:
    """Return the value as text, with an apostrophe before anything that a spreadsheet would treat as a formula."""
    text = "" if value is None else str(value)
    return "".join(f"'{part}" if _is_formula(part) else part for part in CELL_ENDS.split(text))


def unguarded(text: str) -> str:
    """Undo ``guarded``."""
    parts = CELL_ENDS.split(text)
    return "".join(part[1:] if part.startswith("'") and _is_formula(part) else part for part in parts)


def _is_formula(text: str) -> bool:
    """Return whether the text looks like a formula, with any number of leading apostrophes, so that guarding is
    reversible.
    """
    return bool(FORMULA.match(text)) and not NUMBER.fullmatch(text)


class _Line:
    """A file-like object that returns what is written, for streaming."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow([guarded(value) for value in row])


def csv_response(rows: Iterable[Iterable[object]], *, name: str, for_spreadsheet: bool = True) -> StreamingHttpResponse:
    """Return a streamed download that is not cached. The byte order mark is omitted for programs."""
    response = StreamingHttpResponse(_content(rows, for_spreadsheet), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _content(rows: Iterable[Iterable[object]], for_spreadsheet: bool) -> Iterator[str]:
    if for_spreadsheet:
        yield BYTE_ORDER_MARK
    yield from csv_lines(rows)
