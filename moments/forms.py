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
