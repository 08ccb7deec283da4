"""Parser for uploaded CSV files in the formats of common spreadsheets, with a list of problems per line."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from moments.errors import RuleViolation
from moments.web.csv_out import unguarded

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 100_000
SHOWN = 80  # characters of a value in messages
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .ods and .numbers; .xls
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # Excel's "Unicode text"
SEPARATOR_LINE = re.compile(r"\s*\"?sep=([,;\t|])\"?[,;\t]*(?:\r\n|\r|\n)", re.IGNORECASE)
REWRITTEN = re.compile(r"-?[0-9](?:[.,][0-9]+)?E[+-][0-9]{1,3}", re.IGNORECASE)  # 1.23457E+11 was 123456789012
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
Problem = tuple[str, str, str]  # column, given value, allowed values


@dataclass
class Line:
    """A row of the file: its values by column and its problems."""

    number: int
    values: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, column: str, allowed: str, given: str | None = None) -> None:
        """Record what is allowed in the column. Only the first problem per column is kept."""
        if any(column == refused for refused, _given, _allowed in self.problems):
            return
        text = self.values.get(column, "") if given is None else given
        self.problems.append((column, printable(text[:SHOWN]), allowed))
        self.values[column] = ""

    def refuse_long(self, column: str, most: int) -> None:
        """Refuse values longer than ``most`` characters and control characters."""
        if len(self.values[column]) > most:
            self.refuse(column, _("at most %d characters") % most)
        elif UNPRINTABLE.search(self.values[column]):
            self.refuse(column, _("no control characters"))


def read_lines(
    content: bytes,
    columns: Sequence[str],
    *,
    required: Sequence[str] = (),
    also_called: Mapping[str, str] | None = None,
    most: int = MAX_ROWS,
) -> list[Line]:
    """Return every row below the header by ``columns``; columns missing in the file are empty.

    Spaces, dashes and letter case of the header are ignored; ``also_called`` has other names in that normalized form.
    Raises ``RuleViolation`` if the file cannot be read or lacks a ``required`` column.
    """
    rows = _rows(decoded(content))
    named = _columns(next(rows, (1, []))[1], columns, also_called or {})
    if missing := [name for name in required if name not in named]:
        raise _bad_file(_("The first line does not name the column %s.") % missing[0])
    lines: list[Line] = []
    for number, cells in rows:
        if len(lines) == most:
            raise _bad_file(_("The file has more than %d lines. Split it into smaller files.") % most)
        lines.append(_line(number, columns, named, cells))
    if not lines:
        raise _bad_file(_("The file has no line below its header."))
    return lines


def printable(text: str) -> str:
    return UNPRINTABLE.sub("\ufffd", text)


def _line(number: int, columns: Sequence[str], named: list[str], cells: list[str]) -> Line:
    cells = _without_end(cells, len(named))
    line = Line(number, dict.fromkeys(columns, ""))
    for position, (name, cell) in enumerate(zip(named, cells, strict=False)):
        if name:
            line.values[name] = cell
        elif cell:
            message = _("Column %s has values and no name in the first line. Name it, or delete the column.")
            raise _bad_file(message % _letters(position))
    for name in [name for name in columns if REWRITTEN.fullmatch(line.values[name])]:
        line.refuse(name, _("the whole value; a spreadsheet shortened it. Format the column as text first"))
    wanted = max(position for position, name in enumerate(named, 1) if name)
    if not wanted <= len(cells) <= len(named):
        expected = _("%d values, as many as the first line has")
        line.refuse(_("whole line"), expected % wanted, given=_("%d values") % len(cells))
    return line


def _without_end(cells: list[str], least: int) -> list[str]:
    """Drop trailing empty cells beyond the first ``least``, which spreadsheets add."""
    end = len(cells)
    while end > least and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _letters(position: int) -> str:
    """Return a spreadsheet's name of a column: A, B, … Z, AA."""
    return (_letters(position // 26 - 1) if position >= 26 else "") + chr(ord("A") + position % 26)


def _bad_file(message: str) -> RuleViolation:
    return RuleViolation("invalid_file", message, field="file")


def decoded(content: bytes) -> str:
    """Decode the file as UTF-8 or UTF-16, with or without a byte order mark. Raises ``RuleViolation`` if that fails."""
    if len(content) > MAX_BYTES:
        raise _bad_file(_("The file is larger than 5 MB; at most 5 MB are allowed."))
    if content.startswith(WORKBOOKS):
        raise _bad_file(_("This is a workbook, not a CSV file. Save it as “CSV UTF-8” and upload that file."))
    try:
        text = content.decode("utf-16" if content.startswith(UTF_16) else "utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _bad_file(_("Line %d is not UTF-8; save the file as “CSV UTF-8”.") % line) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise _bad_file(_("Line %d has a NUL character; save the file as “CSV UTF-8”.") % line)
    if not text.strip():
        raise _bad_file(_("The file is empty."))
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells) of each row, skipping empty ones."""
    separator = SEPARATOR_LINE.match(text)
    text, skipped = (text[separator.end() :], len(separator[0].splitlines())) if separator else (text, 0)
    header = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    delimiter = separator[1] if separator else max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = skipped
    try:
        for cells in reader:
            begun, before = before + 1, skipped + reader.line_num
            if any(cell.strip() for cell in cells):
                yield begun, [unguarded(cell.strip()).strip() for cell in cells]
    except csv.Error as error:
        values = {"line": before + 1, "error": error}
        raise _bad_file(_("From line %(line)d on this is not CSV: %(error)s.") % values) from None


def _columns(header: list[str], allowed: Sequence[str], also_called: Mapping[str, str]) -> list[str]:
    known = {name.replace("_", ""): name for name in allowed} | dict(also_called)
    columns: list[str] = []
    for cell in header:
        name = known.get(re.sub(r"[\s_-]", "", cell.lower())) if cell else ""
        if name is None:
            values = {"given": printable(cell[:SHOWN]), "allowed": ", ".join(allowed)}
            raise _bad_file(_("The first line names a column “%(given)s”; there are %(allowed)s.") % values)
        if name and name in columns:
            raise _bad_file(_("The first line names the column %s twice.") % name)
        columns.append(name)
    if not any(columns):
        raise _bad_file(_("The first line names no column; there are %s.") % ", ".join(allowed))
    return columns
