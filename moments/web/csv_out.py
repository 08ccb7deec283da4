"""CSV for people who open it in a spreadsheet, and for programs. ``csv_in`` reads back what is written here."""

import csv
import re
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for the code page of its machine
CELL_ENDS = re.compile(r"([;\t\r\n])")  # where a spreadsheet that splits at something else than commas begins a cell
FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]")  # noqa: RUF001 - spreadsheets take the full-width signs too
NUMBER = re.compile(r"'*\s*[+-]?[0-9 .,()/-]+\s*")  # also a phone number; neither can be a formula


def guarded(value: object) -> str:
    """As text; what a spreadsheet would take for a formula gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return "".join(f"'{part}" if _is_formula(part) else part for part in CELL_ENDS.split(text))


def unguarded(text: str) -> str:
    """What ``guarded`` was given."""
    parts = CELL_ENDS.split(text)
    return "".join(part[1:] if part.startswith("'") and _is_formula(part) else part for part in parts)


def _is_formula(text: str) -> bool:
    """With any number of apostrophes before it, so that adding one and taking one away are each other's inverse."""
    return bool(FORMULA.match(text)) and not NUMBER.fullmatch(text)


class _Line:
    """Hands back what is written, for a writer that streams."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow([guarded(value) for value in row])


def csv_response(rows: Iterable[Iterable[object]], *, name: str, for_spreadsheet: bool = True) -> StreamingHttpResponse:
    """A download that is sent while it is made, and that no cache keeps. Programs may not expect the mark."""
    response = StreamingHttpResponse(_content(rows, for_spreadsheet), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _content(rows: Iterable[Iterable[object]], for_spreadsheet: bool) -> Iterator[str]:
    if for_spreadsheet:
        yield BYTE_ORDER_MARK
    yield from csv_lines(rows)
