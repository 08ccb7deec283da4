"""What developers fill in about rules and multipliers."""

import zoneinfo
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.points.fields import (
    MOST_DAYS,
    MOST_POINTS,
    CurrencyField,
    InstantForm,
    amount_of,
    local_time,
    not_listed,
    optional_instant,
)
from moments import money
from moments.names import PlainName
from moments.web.forms import NumberField, WholeNumberField, field_of
from rewards.models import APP_FIRST_SEEN, PointMultiplier, PointRule, PointsProgram, PointStatus
from rewards.points.setup.stale_edits import MULTIPLIER_FIELDS, RULE_FIELDS

SECTIONS = (
    (_("Event"), ("action", "category")),
    (_("Points"), ("points_per_event", "points_per_quantity", "points_per_amount", "currency")),
    (_("Minimum"), ("minimum_quantity", "minimum_amount")),
    (_("Caps"), ("daily_cap", "weekly_cap", "lifetime_cap")),
    (_("Validity of the rule"), ("valid_from", "valid_until")),
    (_("Validity of the points"), ("pending_days", "points_valid_days")),
)


def cap(label: Any) -> WholeNumberField:
    return WholeNumberField(label=label, min_value=1, max_value=MOST_POINTS, required=False)


class RuleForm(InstantForm):
    instants = ("valid_from", "valid_until")

    action = PlainName(
        label=_("Action"),
        max_length=60,
        help_text=_(
            "The action as your server sends it. “%s” is built in: it counts once per user and app, when a user of the "
            "program first uses another of its apps."
        )
        % APP_FIRST_SEEN,
    )
    category = PlainName(
        label=_("Product category"),
        max_length=60,
        required=False,
        help_text=_("Leave empty to apply the rule to every category without a rule of its own."),
    )
    points_per_event = WholeNumberField(label=_("Points per event"), min_value=0, max_value=1_000_000, initial=10)
    points_per_quantity = WholeNumberField(
        label=_("Points per unit of quantity"), min_value=0, max_value=1_000_000, initial=0
    )
    points_per_amount = NumberField(
        label=_("Points per unit of money"),
        min_value=0,
        max_digits=9,
        decimal_places=2,
        initial=0,
        help_text=_("For each whole unit of the currency, such as 1 dollar."),
    )
    currency = CurrencyField(label=_("Currency"), required=False, initial="USD")
    minimum_quantity = WholeNumberField(label=_("Minimum quantity"), min_value=1, max_value=1_000_000, required=False)
    minimum_amount = forms.CharField(
        label=_("Minimum amount"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "class": "money"}),
        help_text=_("In the currency above. Events below a minimum earn no points."),
    )
    daily_cap = cap(_("Daily cap per user"))
    weekly_cap = cap(_("Weekly cap per user"))
    lifetime_cap = cap(_("Lifetime cap per user"))
    valid_from = optional_instant(_("Valid from"))
    valid_until = optional_instant(_("Valid until"))
    pending_days = WholeNumberField(
        label=_("Pending period (days)"),
        min_value=0,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("Leave empty to use the program's setting."),
    )
    points_valid_days = WholeNumberField(
        label=_("Points expire after (days)"),
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("Leave empty to use the program's setting."),
    )

    def __init__(self, *args: Any, rule: PointRule | None = None, **kwargs: Any) -> None:
        """Of ``rule``, what it gives can be edited; its action and category name it."""
        super().__init__(*args, **kwargs)
        if rule is not None:
            del self.fields["action"]
            del self.fields["category"]

    def clean(self) -> dict[str, Any]:
        """Fields as of ``stale_edits.RULE_FIELDS``."""
        super().clean()
        cleaned = self.cleaned_data
        text, currency = cleaned.pop("minimum_amount", ""), cleaned.get("currency", "")
        cleaned["minimum_amount_minor"] = None
        if not text and not cleaned.get("points_per_amount"):
            cleaned["currency"] = ""
        elif not currency and "currency" not in self.errors:
            self.add_error("currency", _("Enter the currency that the rule applies to."))
        elif text and currency:
            try:
                cleaned["minimum_amount_minor"] = amount_of(text, currency)
            except forms.ValidationError as error:
                self.add_error("minimum_amount", error)
        return cleaned

    @property
    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields as the page groups them."""
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in SECTIONS]

    @staticmethod
    def initial_of(rule: PointRule, zone: zoneinfo.ZoneInfo) -> dict[str, Any]:
        version = rule.current
        initial = {name: getattr(version, name) for name in RULE_FIELDS}
        least = initial.pop("minimum_amount_minor")
        initial["minimum_amount"] = "" if least is None else money.as_text(least, version.currency)
        initial["currency"] = version.currency or "USD"
        return initial | {name: local_time(initial[name], zone) for name in RuleForm.instants}


class MultiplierForm(InstantForm):
    instants = ("starts_at", "ends_at")

    name = PlainName(label=_("Name"), max_length=120, help_text=_("Such as “Double points this weekend”."))
    factor = NumberField(
        label=_("Factor"),
        min_value=Decimal("0.01"),
        max_digits=5,
        decimal_places=2,
        initial=2,
        help_text=_("2 doubles the points. Where several multipliers apply, the highest one counts."),
    )
    action = forms.ChoiceField(
        label=_("Action"), required=False, error_messages=not_listed(_("Choose an action from the list."))
    )
    status = forms.ModelChoiceField(
        label=_("Status"),
        queryset=PointStatus.objects.none(),
        required=False,
        empty_label=_("All users"),
        error_messages=not_listed(_("Choose a status from the list.")),
        help_text=_("Users with this status or a higher one."),
    )
    starts_at = optional_instant(_("Starts"))
    ends_at = optional_instant(_("Ends"))

    def __init__(self, *args: Any, program: PointsProgram, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = program.rules.filter(deleted_at=None)
        actions = {*rules.values_list("action", flat=True).distinct(), self.initial.get("action") or ""} - {""}
        field_of(self, "action", forms.ChoiceField).choices = [
            ("", _("Every action")),
            *((action, action) for action in sorted(actions)),
        ]
        field_of(self, "status", forms.ModelChoiceField).queryset = program.statuses.all()

    @staticmethod
    def initial_of(multiplier: PointMultiplier, zone: zoneinfo.ZoneInfo) -> dict[str, Any]:
        version = multiplier.current
        initial = {name: getattr(version, name) for name in MULTIPLIER_FIELDS} | {"name": multiplier.name}
        return initial | {name: local_time(initial[name], zone) for name in MultiplierForm.instants}
