"""Users' actions from a CSV file, counted as calls of the API count them."""

import datetime as dt
import re
import time
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from accounts.models import App, Member
from accounts.organizations.service import require_role
from moments import money
from moments.errors import RuleViolation
from moments.web.csv_in import Line, read_lines
from rewards.points.automatic import automatic_tiers
from rewards.points.event_emails import address_in
from rewards.points.events import COUNTED, MOST, REFUSED, REPLAYED, EventRequest, EventResult, record_events
from rewards.points.lookups import program_of, record_points_change

COLUMNS = ["event_id", "user_id", "action", "category", "quantity", "amount", "currency", "occurred_at", "email"]
REQUIRED = ["event_id", "user_id", "action"]
ALSO_CALLED = {"eventid": "event_id", "userid": "user_id", "time": "occurred_at", "occurredat": "occurred_at"}
MOST_LINES = 10_000
SECONDS = 20.0  # of one upload; automatic exchanges may take longer than a request should
SOME = 25  # events in a transaction where they cause exchanges, each of which takes as long as many events
NOT_REACHED = "not_reached"
LENGTHS = {"event_id": 128, "user_id": 128, "action": 60, "category": 60}


@dataclass(frozen=True)
class CsvRow:
    """One line of the file, by its number, and what became of its event."""

    number: int
    result: EventResult


@dataclass(frozen=True)
class CsvOutcome:
    """Every line, in the order of the file."""

    rows: list[CsvRow]

    def count(self, status: str) -> int:
        return sum(row.result.status == status for row in self.rows)

    @property
    def counted(self) -> int:
        return self.count(COUNTED)

    @property
    def replayed(self) -> int:
        return self.count(REPLAYED)

    @property
    def refused(self) -> list[CsvRow]:
        return [row for row in self.rows if row.result.status == REFUSED]

    @property
    def not_reached(self) -> int:
        """Lines that were left when the time was up; they count when the file is uploaded again."""
        return self.count(NOT_REACHED)

    @property
    def points(self) -> int:
        """What the lines earned that counted now."""
        return sum(row.result.points for row in self.rows if row.result.status == COUNTED)


def record_csv(app: App, content: bytes, *, by: Member, now: dt.datetime, seconds: float = SECONDS) -> CsvOutcome:
    """Count the events of a file with up to 10,000 lines. A line that cannot be read, or whose event is refused, stops
    no other; the file can be corrected and sent again, since an ``event_id`` counts once. Lines that are left after
    ``seconds`` are not counted, and said to be left.

    Columns: event_id, user_id, action; optionally category, quantity, amount, currency, occurred_at (with an offset),
    email.
    Raises ``RuleViolation`` with ``invalid_file`` for a file that cannot be read at all.
    """
    require_role(by, *Member.EDITORS)
    program = program_of(app)
    lines = read_lines(content, COLUMNS, required=REQUIRED, also_called=ALSO_CALLED, most=MOST_LINES)
    results: dict[int, EventResult] = {}
    readable: list[tuple[int, EventRequest]] = []
    for line in lines:
        event_id = line.values["event_id"]
        event = read_event(line)
        if event is not None:
            readable.append((line.number, event))
        else:
            results[line.number] = EventResult(event_id, REFUSED, code="invalid_request", detail=refusal_of(line))
    size, until = SOME if automatic_tiers(program) else MOST, time.monotonic() + seconds
    for start in range(0, len(readable), size):
        some = readable[start : start + size]
        if time.monotonic() >= until:
            results |= {number: EventResult(event.event_id, NOT_REACHED) for number, event in some}
            continue
        done = record_events(app, [event for _number, event in some], now=now)
        results |= {number: result for (number, _event), result in zip(some, done, strict=True)}
    outcome = CsvOutcome([CsvRow(line.number, results[line.number]) for line in lines])
    if outcome.counted:
        record_points_change(program, _("%d events counted from a CSV file") % outcome.counted, by, now)
    return outcome


def read_event(line: Line) -> EventRequest | None:
    """None where something is wrong with the line, which then says what."""
    for column, most in LENGTHS.items():
        line.refuse_long(column, most)
    for column in REQUIRED:
        if not line.values[column]:
            line.refuse(column, _("a value"))
    values = line.values
    event = EventRequest(values["event_id"], values["user_id"], values["action"], values["category"])
    amount_minor, currency = _money(line)
    event = replace(event, quantity=_quantity(line), occurred_at=_instant(line))
    event = replace(event, amount_minor=amount_minor, currency=currency, email=_email(line))
    return None if line.problems else event


def _email(line: Line) -> str:
    text = line.values["email"]
    try:
        return address_in(text) if text else ""
    except RuleViolation:
        line.refuse("email", _("an address like kim@example.com, or nothing"))
        return ""


def refusal_of(line: Line) -> str:
    """What is wrong first with a line that cannot be read."""
    column, given, allowed = line.problems[0]
    values = {"column": column, "given": given, "allowed": allowed}
    if not given:
        return _("%(column)s is empty; allowed is %(allowed)s.") % values
    return _("%(column)s is “%(given)s”; allowed is %(allowed)s.") % values


def _quantity(line: Line) -> int:
    text = line.values["quantity"]
    if text and not (re.fullmatch("[0-9]{1,7}", text) and int(text) <= 1_000_000):
        line.refuse("quantity", _("a whole number from 0 to 1000000"))
        return 0
    return int(text) if text else 1


def _money(line: Line) -> tuple[int | None, str]:
    amount, currency = line.values["amount"], line.values["currency"].upper()
    if not amount and not currency:
        return None, ""
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        line.refuse("currency", _("a currency like USD, with an amount"))
        return None, ""
    try:
        return money.parse(amount, currency), currency
    except RuleViolation:
        line.refuse("amount", _("an amount like %s") % money.as_text(2750, currency))
        return None, ""


def _instant(line: Line) -> dt.datetime | None:
    text = line.values["occurred_at"]
    if not text:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1970 <= found.year < 2200:
        line.refuse("occurred_at", _("a time with an offset like 2027-05-01T12:00:00Z"))
        return None
    return found
