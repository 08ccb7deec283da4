"""Form base classes and fields."""

import datetime as dt
import functools
import re
import zoneinfo
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.validators import DecimalValidator, MaxValueValidator, MinValueValidator
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from moments import money
from moments.errors import RuleViolation


class NarrowModelForm(forms.ModelForm):
    """A model form that saves only changed columns, so that it never overwrites concurrent changes to others."""

    def save(self, commit: bool = True) -> Any:
        if self.instance._state.adding or not commit:
            return super().save(commit=commit)
        if self.errors:
            raise ValueError("This form has errors; nothing was saved.")
        columns = [name for name in self.changed_data if name in {f.name for f in self.instance._meta.concrete_fields}]
        if columns:
            self.instance.save(update_fields=columns)
        self._save_m2m()  # type: ignore[attr-defined]  # the stubs lack it
        return self.instance


class UnstaleForm(NarrowModelForm):
    """A form that detects changes since the page was opened.

    Fields that only others changed keep their current value. A field that was changed by both is refused once, showing
    its current value.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            can_be_hidden = field.hidden_widget is forms.HiddenInput and not isinstance(field, forms.FileField)
            is_known = not self.is_bound or self.add_initial_prefix(name) in self.data
            field.show_hidden_initial = can_be_hidden and is_known and not self.instance._state.adding
            if isinstance(field, MoneyField):
                field.currency = self.currency()
                field.help_text = field.help_text or _("In %s.") % field.currency

    def currency(self) -> str:
        """Return the currency of all amounts in the form."""
        return getattr(self.instance, "currency", "") or "USD"

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in [name for name in self.fields if self._has_moved(name)]:
            if name in self.changed_data:
                self._refuse_unseen(name)
            elif name not in self.errors:
                self.cleaned_data[name] = self._value_now(name)
        return self.cleaned_data

    def _has_moved(self, name: str) -> bool:
        field, bound = self.fields[name], self[name]
        if not field.show_hidden_initial:
            return False
        opened = field.hidden_widget().value_from_datadict(self.data, self.files, bound.html_initial_name)
        return field.has_changed(_as_sent(bound.initial), _as_sent(opened))

    def _refuse_unseen(self, name: str) -> None:
        bound, field = self[name], self.fields[name]
        now = field.prepare_value(bound.initial)
        data = self.data.copy() if isinstance(self.data, QueryDict) else dict(self.data)
        data[bound.html_initial_name] = "" if now is None else str(now)
        self.data = data
        shown = now if isinstance(field, MoneyField) else self._value_now(name)
        message = _("It became “%(now)s” after you had opened this page. Save again to make it what you typed.")
        self.add_error(name, forms.ValidationError(message, params={"now": shown}))

    def _value_now(self, name: str) -> Any:
        columns = {column.name for column in self.instance._meta.concrete_fields}
        return getattr(self.instance, name) if name in columns else self.initial.get(name)


def _as_sent(value: Any) -> Any:
    """Normalize text as browsers and forms do."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


class MoneyField(forms.CharField):
    """An amount entered as text, cleaned to minor units."""

    def __init__(self, *args: Any, currency: str = "USD", least: int = 1, **kwargs: Any) -> None:
        self.currency, self.least = currency, least
        kwargs["widget"] = forms.TextInput({"inputmode": "decimal", "class": "money", "maxlength": 20})
        super().__init__(*args, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            cents = money.parse(text, self.currency)
        except RuleViolation:
            example = money.as_text(2750, self.currency)
            values = {"given": text[: money.SHOWN], "currency": self.currency, "example": example}
            message = _("“%(given)s” is not an amount of %(currency)s; write it like %(example)s.")
            raise forms.ValidationError(message, params=values) from None
        if cents < self.least:
            least = money.display(self.least, self.currency)
            values = {"given": money.display(cents, self.currency), "least": least}
            raise forms.ValidationError(_("%(given)s is too little; at least %(least)s."), params=values)
        return cents

    def prepare_value(self, value: Any) -> Any:
        return money.as_text(value, self.currency) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as amounts: "$19.5" equals 1950."""
        return self._as_cents(initial) != self._as_cents(data)

    def _as_cents(self, value: Any) -> Any:
        try:
            return money.parse(value, self.currency) if isinstance(value, str) and value else value or None
        except RuleViolation:
            return value


class WholeNumberField(forms.IntegerField):
    """Accepts ASCII digits only. Django's field accepts “5.000” as 5, “1_000” as 1000, and digits of any script."""

    default_error_messages: ClassVar = {"invalid": _("“%(given)s” is not a whole number; write it like 1250.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _name_limits(self)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value if isinstance(value, int) else _plain(self, WHOLE_NUMBER, value))


class NumberField(forms.DecimalField):
    """Accepts ASCII digits and a point. Django's field accepts “1e5”, “1_0.5”, and digits of any script."""

    default_error_messages: ClassVar = {"invalid": _("“%(given)s” is not a number; write it like 0.0825.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _name_limits(self)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value if isinstance(value, int | Decimal) else _plain(self, NUMBER, value))


def _name_limits(field: forms.Field) -> None:
    """Errors say what was given and what is allowed."""
    for validator in field.validators:
        if isinstance(validator, MinValueValidator):
            validator.message = _("%(show_value)s is too small; enter %(limit_value)s or more.")
        elif isinstance(validator, MaxValueValidator):
            validator.message = _("%(show_value)s is too large; enter %(limit_value)s or less.")
        elif isinstance(validator, DecimalValidator):
            validator.messages = DIGITS


DIGITS: dict[str, Any] = {
    "invalid": _("This is not a number; write it like 0.0825."),
    "max_digits": _("Enter a number with at most %(max)s digits."),
    "max_decimal_places": _("Enter a number with at most %(max)s decimal places."),
    "max_whole_digits": _("Enter a number with at most %(max)s digits before the point."),
}
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


def _plain(field: forms.Field, pattern: re.Pattern, value: Any) -> Any:
    text = value.strip() if isinstance(value, str) else value
    if text in field.empty_values or (isinstance(text, str) and pattern.fullmatch(text)):
        return text
    params = {"given": str(value)[: money.SHOWN]}
    raise forms.ValidationError(field.error_messages["invalid"], code="invalid", params=params)


class DayInput(forms.DateInput):
    """A date input with the browser's calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def start_of_day(day: dt.date | None, zone: dt.tzinfo, *, later: int = 0) -> dt.datetime | None:
    """Return the start of ``day`` plus ``later`` days; None for a missing or extreme day."""
    if day is None or not 1970 <= day.year <= 2200:
        return None
    return dt.datetime.combine(day + dt.timedelta(days=later), dt.time(), zone)


class WhyForm(forms.Form):
    """A form that asks operators for a reason."""

    why = forms.CharField(label=_("Reason"), max_length=500, help_text=_("It is recorded in the history."))


Kind = TypeVar("Kind", bound=forms.Field)


def field_of(form: forms.BaseForm, name: str, kind: type[Kind]) -> Kind:
    """Return the form's field ``name`` as a ``kind``. Raises ``TypeError`` if it has another type."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} is a {type(field).__name__}, not a {kind.__name__}.")
    return field


def add_refusal(form: forms.BaseForm, refusal: RuleViolation) -> None:
    """Add a ``RuleViolation`` to the form as an error of the field it names."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


@functools.cache
def time_zones() -> tuple[str, ...]:
    """Return the names of all time zones, cached because reading them is slow."""
    return tuple(sorted(zoneinfo.available_timezones()))


class LongSelect(forms.Select):
    """A fast select for hundreds of ungrouped options; Django renders two templates per option."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        found = [option for _group, options, _index in widget["optgroups"] for option in options]
        shown = [(option["value"], flatatt(option["attrs"]), option["label"]) for option in found]
        options = format_html_join("\n", '<option value="{}"{}>{}</option>', shown)
        return format_html('<select name="{}"{}>{}</select>', widget["name"], flatatt(widget["attrs"]), options)


class TimeZoneField(forms.ChoiceField):
    widget = LongSelect
