"""Reading an uploaded file: every line is looked at, and what is wrong with it is said with what is allowed."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from moments.errors import RuleViolation
from rewards.models import Reward

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 100_000
SHOWN = 80  # characters of what was given
COLUMNS = ["moment", "group", "user_id", "email", "device_type", "locale", "key"]
ALSO_CALLED = {
    "momentid": "moment",
    "rewardgroupid": "group",
    "rewardgroup": "group",
    "userid": "user_id",
    "appuserid": "user_id",
    "mail": "email",
    "devicetype": "device_type",
    "device": "device_type",
    "externalid": "key",
    "idempotencykey": "key",
}
LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
DEVICES = {value.lower(): value for value in Reward.Device.values}
Problem = tuple[str, str, str]  # column, given, allowed


@dataclass
class Line:
    """One row of the file: its values by column, and what is wrong with them."""

    number: int
    values: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, column: str, allowed: str, given: str | None = None) -> None:
        text = self.values.get(column, "") if given is None else given
        self.problems.append((column, UNPRINTABLE.sub("\ufffd", text[:SHOWN]), allowed))
        self.values[column] = ""


def read_sheet(content: bytes, campaign: Campaign) -> list[Line]:
    """Every row of the file, checked. Raises ``RuleViolation`` for a file that cannot be read at all."""
    rows = _rows(_text(content))
    columns = _columns(next(rows, (1, []))[1])
    check = _Checks(campaign)
    lines: list[Line] = []
    for number, cells in rows:
        if len(lines) == MAX_ROWS:
            raise _bad_file(_("The file has more than %d lines; so many are allowed.") % MAX_ROWS)
        lines.append(check.line(number, columns, cells))
    if not lines:
        raise _bad_file(_("The file has no line below its header."))
    return lines


def _bad_file(message: str) -> RuleViolation:
    return RuleViolation("invalid_file", message, field="file")


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _bad_file(_("The file is larger than 5 MB; at most 5 MB are allowed."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _bad_file(_("Line %d is not UTF-8; save the file as “CSV UTF-8”.") % line) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise _bad_file(_("Line %d has a NUL character; a CSV file has none.") % line)
    if not text.strip():
        raise _bad_file(_("The file is empty."))
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line where the row begins, its cells); empty lines are passed over."""
    header = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            begun, before = before + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                yield begun, [cell.strip() for cell in cells]
    except csv.Error as error:
        values = {"line": before + 1, "error": error}
        raise _bad_file(_("From line %(line)d on this is not CSV: %(error)s.") % values) from None


def _columns(header: list[str]) -> list[str]:
    known = {name.replace("_", ""): name for name in COLUMNS} | ALSO_CALLED
    columns = []
    for cell in header:
        name = known.get(re.sub(r"[\s_-]", "", cell.lower()))
        if name is None:
            values = {"given": UNPRINTABLE.sub("\ufffd", cell[:SHOWN]), "allowed": ", ".join(COLUMNS)}
            raise _bad_file(_("The first line names a column “%(given)s”; there are %(allowed)s.") % values)
        if name in columns:
            raise _bad_file(_("The first line names the column %s twice.") % name)
        columns.append(name)
    if not columns:
        raise _bad_file(_("The first line names no column; there are %s.") % ", ".join(COLUMNS))
    return columns


class _Checks:
    """Of the lines of one file, against one campaign."""

    def __init__(self, campaign: Campaign) -> None:
        self.moments = [moment.key for moment in campaign.moments.all()]
        groups = list(campaign.groups.all())
        self.groups = {group.marketplace_id: group.key for group in groups} | {group.key: group.key for group in groups}
        self.group_keys = [group.key for group in groups]
        self.limit = campaign.per_user_limit
        self.keys: dict[str, int] = {}
        self.users: Counter[tuple[str, str]] = Counter()

    def line(self, number: int, columns: list[str], cells: list[str]) -> Line:
        line = Line(number, dict.fromkeys(COLUMNS, "") | dict(zip(columns, cells, strict=False)))
        if len(cells) != len(columns):
            told = _("%d values, as many as the first line has") % len(columns)
            line.refuse(_("whole line"), told, given=_("%d values") % len(cells))
        self._text(line)
        self._choose(line, "moment", {key: key for key in self.moments}, self.moments)
        self._choose(line, "group", self.groups, self.group_keys)
        self._device(line)
        self._once(line)
        return line

    def _text(self, line: Line) -> None:
        for column, most in (("user_id", 128), ("email", 254), ("locale", 20), ("key", 200)):
            value = line.values[column]
            if len(value) > most:
                line.refuse(column, _("at most %d characters") % most)
            elif UNPRINTABLE.search(value):
                line.refuse(column, _("no control characters"))
        if line.values["email"]:
            try:
                validate_email(line.values["email"])
            except ValidationError:
                line.refuse("email", _("an address like kim@example.com, or nothing"))
        if line.values["locale"] and not LOCALE.fullmatch(line.values["locale"]):
            line.refuse("locale", _("a language like en or pt-BR, or nothing"))

    def _choose(self, line: Line, column: str, known: dict[str, str], named: list[str]) -> None:
        """Where there is only one it need not be said."""
        given = line.values[column]
        if not given and len(named) == 1:
            given = named[0]
        if given in known:
            line.values[column] = known[given]
        elif not named:
            line.refuse(column, _("nothing yet: the campaign has none"))
        else:
            line.refuse(column, _("one of %s") % ", ".join(named))

    def _device(self, line: Line) -> None:
        given = line.values["device_type"]
        device = DEVICES.get(re.sub(r"[\s_]", "", given).lower()) if given else Reward.Device.WEB.value
        if device is None:
            line.refuse("device_type", _("one of %s, or nothing") % ", ".join(Reward.Device.values))
        else:
            line.values["device_type"] = device

    def _once(self, line: Line) -> None:
        key, user = line.values["key"], line.values["user_id"]
        if key:
            first = self.keys.setdefault(key, line.number)
            if first != line.number:
                line.refuse("key", _("a key that no other line has; line %d has it") % first)
        if user and line.values["moment"]:
            self.users[line.values["moment"], user] += 1
            if self.users[line.values["moment"], user] > self.limit:
                line.refuse("user_id", _("a user at most %d times for a moment") % self.limit)
