"""Events as they are pasted into the simulator: JSON or CSV as the API and uploads take them, or short lines."""

import datetime as dt
import json
import re
import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from pydantic import ValidationError

from api.v1.events import EventIn, as_request
from console.points.fields import amount_of
from moments import money
from moments.errors import RuleViolation
from moments.i18n.datetimes import instant_of
from moments.web import strict_json
from moments.web.csv_in import read_lines
from rewards.points.csv_events import ALSO_CALLED, COLUMNS, read_event, refusal_of
from rewards.points.events import MOST, EventRequest

SHORT = ("action", "quantity", "amount", "category", "time")
TIMES = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
SHOWN = 10  # problems at a time
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Unreadable(Exception):  # noqa: N818 - a form's errors, all of them
    """What is wrong, one sentence an event."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = list(problems[:SHOWN])


class Reader:
    """Reads what was pasted for ``user``, who counts where an event names nobody.

    ``currencies`` are those that the rules count, by action and category, for amounts without a currency.
    """

    def __init__(self, *, user: str, zone: zoneinfo.ZoneInfo, currencies: dict[tuple[str, str], str]) -> None:
        self.user, self.zone, self.currencies = user, zone, currencies

    def read(self, text: str) -> list[EventRequest]:
        """Raises ``Unreadable``."""
        text = text.strip()
        if text.startswith(("{", "[")):
            return self._json(text)
        return self._csv(text) if is_header(text) else self._short(text)

    def _json(self, text: str) -> list[EventRequest]:
        """One event, a list of events, or the body of a call."""
        try:
            found = strict_json.read(text)
        except json.JSONDecodeError as error:
            values = {"line": error.lineno, "error": error.msg}
            raise Unreadable(_("Line %(line)d is not JSON: %(error)s.") % values) from None
        except (ValueError, RecursionError):
            raise Unreadable(_("This is not valid JSON, or a member occurs twice.")) from None
        if isinstance(found, dict):
            found = found.get("events", [found])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise Unreadable(_("Paste an event, a list of events, or the body of a call to /api/v1/events."))
        return self._each(list(enumerate(found, start=1)), self._json_event, _("Event %(number)d: %(error)s"))

    def _json_event(self, number: int, event: dict[str, Any]) -> EventRequest:
        try:
            found = EventIn.model_validate({"event_id": f"event-{number}", "user_id": self.user, **event})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise forms.ValidationError(f"{'/'.join(map(str, first['loc']))}: {first['msg']}") from None
        if any(map(UNSTORABLE.search, (found.event_id, found.user_id, found.action, found.category))):
            raise forms.ValidationError(_("A character in this event cannot be stored."))
        return as_request(found)

    def _csv(self, text: str) -> list[EventRequest]:
        """A file as *Upload events* takes it; ids of events and users may be missing."""
        try:
            lines = read_lines(text.encode(), COLUMNS, required=["action"], also_called=ALSO_CALLED, most=MOST)
        except RuleViolation as refusal:
            raise Unreadable(refusal.message) from None
        found, problems = [], []
        for line in lines:
            line.values["event_id"] = line.values["event_id"] or f"line-{line.number}"
            line.values["user_id"] = line.values["user_id"] or self.user
            if line.values["amount"]:
                line.values["currency"] = line.values["currency"] or self._currency(line.values)
            event = read_event(line)
            if event is None:
                problems.append(_("Line %(number)d: %(error)s") % {"number": line.number, "error": refusal_of(line)})
            else:
                found.append(event)
        if problems:
            raise Unreadable(*problems)
        return found

    def _short(self, text: str) -> list[EventRequest]:
        lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
        return self._each([line for line in lines if line[1]], self._short_event, _("Line %(number)d: %(error)s"))

    def _short_event(self, number: int, line: str) -> EventRequest:
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) > len(SHORT):
            message = _("There are %(number)d values; a line has at most five: %(known)s.")
            raise forms.ValidationError(message % {"number": len(cells), "known": ", ".join(SHORT)})
        action, quantity, amount, category, time = (*cells, "", "", "", "", "")[: len(SHORT)]
        if not action or len(action) > 60 or len(category) > 60:
            raise forms.ValidationError(_("An action has 1 to 60 characters; a category has at most 60."))
        currency = self._currency({"action": action, "category": category}) if amount else ""
        return EventRequest(
            event_id=f"line-{number}",
            app_user_id=self.user,
            action=action,
            category=category,
            quantity=_quantity(quantity),
            amount_minor=amount_of(amount, currency) if amount else None,
            currency=currency,
            occurred_at=self._time(time) if time else None,
        )

    def _currency(self, values: dict[str, str]) -> str:
        """That of the rule, which an event without a currency means."""
        found = (self.currencies.get((values["action"], category)) for category in (values["category"], ""))
        return next(filter(None, found), "USD")

    def _time(self, text: str) -> dt.datetime:
        for pattern in TIMES:
            try:
                found = dt.datetime.strptime(text, pattern)  # noqa: DTZ007 - the program's zone is put on it
            except ValueError:
                continue
            return instant_of(found, self.zone)
        message = _("“%(given)s” is not a time; write it like 2026-11-28 18:00.")
        raise forms.ValidationError(message % {"given": text[: money.SHOWN]})

    def _each(self, numbered: list[tuple[int, Any]], read: Any, problem: str) -> list[EventRequest]:
        if len(numbered) > MOST:
            message = _("There are %(number)d events. The simulator takes up to %(most)d.")
            raise Unreadable(message % {"number": len(numbered), "most": MOST})
        found, problems = [], []
        for number, one in numbered:
            try:
                found.append(read(number, one))
            except (forms.ValidationError, RuleViolation) as error:
                reason = error.message if isinstance(error, RuleViolation) else error.messages[0]
                problems.append(problem % {"number": number, "error": reason})
        if problems:
            raise Unreadable(*problems)
        return found


def is_header(text: str) -> bool:
    """Whether the first line names columns of a file of events, the action among them."""
    cells = [re.sub(r"[\s_\"-]", "", cell.lower()) for cell in re.split("[,;\t]", text.partition("\n")[0])]
    known = {name.replace("_", "") for name in COLUMNS} | set(ALSO_CALLED)
    return len(cells) > 1 and "action" in cells and all(not cell or cell in known for cell in cells)


def _quantity(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 8 and int(text) <= 1_000_000):
        message = _("“%(given)s” is not a quantity; write a whole number from 0 to 1000000.")
        raise forms.ValidationError(message % {"given": text[: money.SHOWN]})
    return int(text)
