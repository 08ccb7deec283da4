"""Forms that write what they were asked to write and nothing else."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moments import money
from moments.errors import RuleViolation


class NarrowModelForm(forms.ModelForm):
    """A model form whose ``save`` names its columns: only what was changed, so no stale balance is written back."""

    def save(self, commit: bool = True):
        if self.instance._state.adding or not commit:
            return super().save(commit=commit)
        if self.errors:
            raise ValueError("This form has errors; nothing was saved.")
        columns = [name for name in self.changed_data if name in {f.name for f in self.instance._meta.concrete_fields}]
        if columns:
            self.instance.save(update_fields=columns)
        self._save_m2m()  # type: ignore[attr-defined]
        return self.instance


class UnstaleForm(NarrowModelForm):
    """A form that knows what its row held when the page was opened.

    What changed meanwhile and was not touched stays as it is now; what was touched as well is refused once, with what
    it is now, so that nobody overwrites what they have not seen.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            can_be_hidden = field.hidden_widget is forms.HiddenInput and not isinstance(field, forms.FileField)
            is_known = not self.is_bound or self.add_initial_prefix(name) in self.data
            field.show_hidden_initial = can_be_hidden and is_known and not self.instance._state.adding

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
        bound, now = self[name], self.fields[name].prepare_value(self[name].initial)
        self.data = self.data.copy()  # type: ignore[union-attr]
        self.data[bound.html_initial_name] = "" if now is None else str(now)
        message = _("It became “%(now)s” after you had opened this page. Save again to make it what you typed.")
        self.add_error(name, forms.ValidationError(message, params={"now": self._value_now(name)}))

    def _value_now(self, name: str) -> Any:
        columns = {column.name for column in self.instance._meta.concrete_fields}
        return getattr(self.instance, name) if name in columns else self.initial.get(name)


def _as_sent(value: Any) -> Any:
    """Text as browsers and forms leave it."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


class MoneyField(forms.CharField):
    """An amount as text, cleaned to whole minor units."""

    def __init__(self, *args, currency: str = "USD", least: int = 1, **kwargs) -> None:
        self.currency, self.least = currency, least
        super().__init__(
            *args, max_length=20, widget=forms.TextInput({"inputmode": "decimal", "class": "money"}), **kwargs
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            cents = money.parse(text, self.currency)
        except RuleViolation:
            example = money.as_text(2750, self.currency)
            values = {"given": text, "currency": self.currency, "example": example}
            message = _("“%(given)s” is not an amount of %(currency)s; write it like %(example)s.")
            raise forms.ValidationError(message, params=values) from None
        if cents < self.least:
            least = money.display(self.least, self.currency)
            values = {"given": money.display(cents, self.currency), "least": least}
            raise forms.ValidationError(_("%(given)s is too little; at least %(least)s."), params=values)
        return cents

    def prepare_value(self, value: Any) -> Any:
        return money.as_text(value, self.currency) if isinstance(value, int) else value


class DayInput(forms.DateInput):
    """A day, chosen from the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class WhyForm(forms.Form):
    """What operators change, they give a reason for."""

    why = forms.CharField(label=_("Reason"), max_length=500, help_text=_("It stands in the history."))


def add_refusal(form: forms.BaseForm, refusal) -> None:
    """A service's refusal as an error of the form, at the field it names."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
