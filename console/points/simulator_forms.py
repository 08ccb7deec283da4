"""Events that a developer types into the simulator, one a line."""

import datetime as dt
import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.points.fields import CurrencyField, amount_of
from moments import money
from moments.errors import RuleViolation
from moments.i18n.datetimes import instant_of
from rewards.models import APP_FIRST_SEEN, PointRule, PointsProgram
from rewards.points.events import MOST, EventRequest

COLUMNS = ("action", "quantity", "amount", "category", "time")
SOMEBODY = "simulated-user"  # a user without history, where no user is named
TIMES = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")


class SimulatorForm(forms.Form):
    app_user_id = forms.CharField(
        label=gettext_lazy("Your app's user id"),
        max_length=128,
        required=False,
        help_text=gettext_lazy("The user's status and used caps count. Leave empty for a new user."),
    )
    currency = CurrencyField(label=gettext_lazy("Currency of the amounts"), required=False, initial="USD")
    events = forms.CharField(
        label=gettext_lazy("Events"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line: action, quantity, amount, category, time. Everything but the action can be left out, such as "
            "“buy,1,19.99” or “play,,,,2026-11-28 18:00”. Leave empty to try each rule once."
        ),
    )

    def __init__(self, *args: Any, program: PointsProgram, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.program, self.zone = program, zoneinfo.ZoneInfo(program.time_zone)

    def clean(self) -> dict[str, Any]:
        """``requests``: the events as the engine takes them. Errors name the line."""
        super().clean()
        if self.errors:
            return self.cleaned_data
        lines = [line.strip() for line in self.cleaned_data["events"].splitlines()]
        numbered = [(number, line) for number, line in enumerate(lines, start=1) if line]
        if len(numbered) > MOST:
            message = _("There are %(number)d events; the simulator takes %(most)d.")
            self.add_error("events", message % {"number": len(numbered), "most": MOST})
            return self.cleaned_data
        user = self.cleaned_data["app_user_id"] or SOMEBODY
        requests = []
        for number, line in numbered:
            try:
                requests.append(self._request(user, number, line))
            except (forms.ValidationError, RuleViolation) as error:
                reason = error.message if isinstance(error, RuleViolation) else error.messages[0]
                self.add_error("events", _("Line %(number)d: %(error)s") % {"number": number, "error": reason})
        self.cleaned_data["requests"] = requests if numbered else tried_once(self.program, user)
        return self.cleaned_data

    def _request(self, user: str, number: int, line: str) -> EventRequest:
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) > len(COLUMNS):
            message = _("There are %(number)d columns; these are known: %(known)s.")
            raise forms.ValidationError(message % {"number": len(cells), "known": ", ".join(COLUMNS)})
        action, quantity, amount, category, time = (*cells, "", "", "", "", "")[: len(COLUMNS)]
        if not action or len(action) > 60 or len(category) > 60:
            raise forms.ValidationError(_("An action has 1 to 60 characters, a category 60 at most."))
        currency = self.cleaned_data["currency"] if amount else ""
        if amount and not currency:
            raise forms.ValidationError(_("Name the currency of the amount."))
        return EventRequest(
            event_id=f"line-{number}",
            app_user_id=user,
            action=action,
            category=category,
            quantity=_quantity(quantity),
            amount_minor=amount_of(amount, currency) if amount else None,
            currency=currency,
            occurred_at=self._time(time) if time else None,
        )

    def _time(self, text: str) -> dt.datetime:
        for pattern in TIMES:
            try:
                found = dt.datetime.strptime(text, pattern)  # noqa: DTZ007 - the program's zone is put on it
            except ValueError:
                continue
            return instant_of(found, self.zone)
        message = _("“%(given)s” is not a time; write it like 2026-11-28 18:00.")
        raise forms.ValidationError(message % {"given": text[: money.SHOWN]})


def _quantity(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 8 and int(text) <= 1_000_000):
        message = _("“%(given)s” is not a quantity from 0 to 1000000.")
        raise forms.ValidationError(message % {"given": text[: money.SHOWN]})
    return int(text)


def tried_once(program: PointsProgram, user: str) -> list[EventRequest]:
    """One event for each rule that counts events of apps: the least that it asks for."""
    rules = PointRule.objects.filter(program=program, deleted_at=None).exclude(action=APP_FIRST_SEEN)
    found = []
    for rule in rules.select_related("category").prefetch_related("versions")[:MOST]:
        version = rule.current
        counts_money = bool(version.currency)
        least = (
            max(version.minimum_amount_minor or 0, 10 * 10 ** money.exponent(version.currency)) if counts_money else 0
        )
        found.append(
            EventRequest(
                event_id=f"rule-{rule.pk}",
                app_user_id=user,
                action=rule.action,
                category=rule.category.key if rule.category else "",
                quantity=version.minimum_quantity or 1,
                amount_minor=least if counts_money else None,
                currency=version.currency,
            )
        )
    return found
