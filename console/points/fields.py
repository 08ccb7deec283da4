"""Fields that several points forms share."""

import datetime as dt
import zoneinfo
from decimal import Decimal
from typing import Any

from babel.numbers import list_currencies
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from console.campaigns.forms import LocalInstantField
from moments import money
from moments.errors import RuleViolation
from moments.i18n.datetimes import instant_of

MOST_POINTS = 1_000_000_000
MOST_DAYS = 3650


class CurrencyField(forms.CharField):
    """An ISO 4217 code in any case, cleaned to capitals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput({"maxlength": 3, "autocapitalize": "characters"}), **kwargs)

    def clean(self, value: Any) -> str:
        code = str(super().clean(value)).upper()
        if code and code not in list_currencies():
            message = _("“%(given)s” is not a currency; write a code such as USD or EUR.")
            raise forms.ValidationError(message, params={"given": code[: money.SHOWN]})
        return code


class OpenedForm(forms.Form):
    """An edit. ``opened`` is ``stale_edits.state_of`` what is edited, as it was when the form was opened."""

    opened = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, opened: str | None = None, **kwargs: Any) -> None:
        """Without ``opened``, something new is added."""
        super().__init__(*args, **kwargs)
        if opened is None:
            del self.fields["opened"]
        else:
            self.fields["opened"].initial = opened

    def values(self) -> dict[str, Any]:
        """For the services. ``opened`` is None where the page did not send it."""
        found = dict(self.cleaned_data)
        if "opened" in found:
            found["opened"] = found["opened"] or None
        return found

    def send_again(self, **values: str) -> None:
        """Replace what the page sent for these hidden fields; it sends them with the next save."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        for name, value in values.items():
            data[name] = value
        self.data = data

    def note_conflict(self) -> None:
        """Somebody saved first: show what is saved now beside what was typed, which the next save writes.

        The form's initial values and ``opened`` are of after that save.
        """
        changed = [field.name for field in self.visible_fields() if field.name in self.changed_data]
        self.send_again(opened=self.fields["opened"].initial)
        self.full_clean()
        message = _("Somebody else saved this after you opened the page. Save again to replace it with what you typed.")
        self.add_error(None, message)
        for name in changed:
            self.add_error(name, _("Saved now: %s.") % _shown(self[name].initial))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "–" if value in (None, "") else str(value)


class InstantForm(OpenedForm):
    """A form whose ``instants`` are typed as the program's clocks show them."""

    instants: tuple[str, ...] = ()

    def __init__(self, *args: Any, zone: zoneinfo.ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        for name in self.instants:
            self.fields[name].help_text = _("In the time zone %s.") % zone.key

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in self.instants:
            if self.cleaned_data.get(name):
                try:
                    self.cleaned_data[name] = instant_of(self.cleaned_data[name], self.zone)
                except RuleViolation as refusal:
                    self.add_error(name, refusal.message)
        first, last = (self.cleaned_data.get(name) for name in (*self.instants, "", "")[:2])
        if first and last and last <= first:
            self.add_error(self.instants[1], _("The end is not after the start."))
        return self.cleaned_data


def optional_instant(label: Any) -> LocalInstantField:
    return LocalInstantField(label=label, required=False)


def not_listed(message: Any) -> dict[str, Any]:
    """What a choice says that is not among those offered, such as one that was taken meanwhile."""
    return dict.fromkeys(("invalid_choice", "invalid_pk_value"), message)


def local_time(instant: dt.datetime | None, zone: zoneinfo.ZoneInfo) -> dt.datetime | None:
    """What clocks in ``zone`` show, as the forms' instants are typed."""
    return instant.astimezone(zone).replace(tzinfo=None) if instant else None


def amount_of(text: str, currency: str) -> int:
    """Minor units. Raises a form's error for text that is no amount."""
    try:
        return money.parse(text, currency)
    except RuleViolation as refusal:
        raise forms.ValidationError(refusal.message) from None
