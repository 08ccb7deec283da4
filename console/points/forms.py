"""What developers fill in about a points program, its apps, and its users."""

import zoneinfo
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.models import App, Organization
from console.points.fields import (
    MOST_DAYS,
    MOST_POINTS,
    CurrencyField,
    InstantForm,
    amount_of,
    not_listed,
    optional_instant,
)
from moments.names import PlainName
from moments.web.forms import TimeZoneField, WholeNumberField, field_of, time_zones
from rewards.models import APP_FIRST_SEEN, PointEvent, PointsProgram, ProgramApp

MOST_BYTES = 5 * 1024 * 1024


def free_apps(organization: Organization) -> Any:
    """Apps that are in no program."""
    in_one = ProgramApp.objects.filter(left_at=None)
    return organization.apps.filter(archived_at=None).exclude(program_links__in=in_one)


class ListedOnly(forms.Field):
    """Whatever is not in the list is refused with one sentence; Django's fields speak of UUIDs."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except forms.ValidationError:
            raise forms.ValidationError(self.error_messages["invalid_choice" if value else "required"]) from None


class AppField(ListedOnly, forms.ModelChoiceField):
    pass


class AppsField(ListedOnly, forms.ModelMultipleChoiceField):
    pass


def app_field() -> forms.ModelChoiceField:
    errors = not_listed(_("Choose an app from the list."))
    return AppField(label=_("App"), queryset=App.objects.none(), empty_label=None, error_messages=errors)


class PeriodsForm(forms.Form):
    """How long points wait, and how long they are valid."""

    name = PlainName(label=_("Name"), max_length=120)
    pending_days = WholeNumberField(
        label=_("Pending period (days)"),
        min_value=0,
        max_value=MOST_DAYS,
        initial=0,
        help_text=_("How long new points wait before users can spend them. Rules can override this."),
    )
    points_valid_days = WholeNumberField(
        label=_("Points expire after (days)"),
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("Leave empty if points never expire. Rules can override this."),
    )


class ProgramForm(PeriodsForm):
    field_order = ("name", "apps", "time_zone")

    time_zone = TimeZoneField(
        label=_("Time zone"),
        initial="UTC",
        error_messages=not_listed(_("Choose a time zone from the list.")),
        help_text=_(
            "Days for caps, pending periods, and expiry begin at midnight in this time zone. You cannot change it."
        ),
    )
    apps = AppsField(
        label=_("Apps"),
        queryset=App.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages=not_listed(_("Choose apps from the list. An app that is in another program is not listed.")),
        help_text=_("These apps share users and points. An app can be in one program at a time."),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = time_zones()
        field_of(self, "time_zone", TimeZoneField).choices = [(zone, zone) for zone in zones]
        field_of(self, "apps", forms.ModelMultipleChoiceField).queryset = free_apps(organization)


class SettingsForm(PeriodsForm):
    """Points that were credited before keep their days."""


class JoinForm(forms.Form):
    app = app_field()

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "app", forms.ModelChoiceField).queryset = free_apps(organization)


class ActionForm(InstantForm):
    """An event recorded by hand, such as one that was lost."""

    instants = ("occurred_at",)

    app = app_field()
    app_user_id = forms.CharField(label=_("Your app's user id"), max_length=128)
    action = forms.ChoiceField(label=_("Action"), error_messages=not_listed(_("Choose an action from the list.")))
    category = forms.ChoiceField(
        label=_("Category"), required=False, error_messages=not_listed(_("Choose a category from the list."))
    )
    quantity = WholeNumberField(label=_("Quantity"), min_value=0, max_value=1_000_000, initial=1)
    amount = forms.CharField(
        label=_("Amount"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "class": "money"}),
        help_text=_("For rules that count money, such as 19.99."),
    )
    currency = CurrencyField(label=_("Currency"), required=False, initial="USD")
    occurred_at = optional_instant(_("Time of the event"))
    event_id = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, program: PointsProgram, **kwargs: Any) -> None:
        super().__init__(*args, zone=zoneinfo.ZoneInfo(program.time_zone), **kwargs)
        self.fields["occurred_at"].help_text = (
            _("Up to 7 days ago, in the time zone %s. Leave empty to use the current time.") % program.time_zone
        )
        field_of(self, "app", forms.ModelChoiceField).queryset = program.current_apps
        rules = program.rules.filter(is_active=True, deleted_at=None).exclude(action=APP_FIRST_SEEN)
        actions = rules.order_by("action").values_list("action", flat=True).distinct()
        field_of(self, "action", forms.ChoiceField).choices = [(action, action) for action in actions]
        categories = [(found.key, str(found)) for found in program.categories.all()]
        field_of(self, "category", forms.ChoiceField).choices = [("", _("None")), *categories]
        if not categories:
            del self.fields["category"]

    def clean(self) -> dict[str, Any]:
        """``amount_minor`` and ``currency``, both or neither."""
        super().clean()
        text, currency = self.cleaned_data.pop("amount", ""), self.cleaned_data.get("currency", "")
        self.cleaned_data["amount_minor"] = None
        if not text:
            self.cleaned_data["currency"] = ""
        elif not currency:
            if "currency" not in self.errors:
                self.add_error("currency", _("Enter the currency of the amount."))
        else:
            try:
                self.cleaned_data["amount_minor"] = amount_of(text, currency)
            except forms.ValidationError as error:
                self.add_error("amount", error)
        return self.cleaned_data


class EventsFileForm(forms.Form):
    app = app_field()
    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput({"accept": ".csv,text/csv,text/plain"}),
        help_text=_("UTF-8, up to 10,000 lines and 5 MB."),
    )

    def __init__(self, *args: Any, program: PointsProgram, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "app", forms.ModelChoiceField).queryset = program.current_apps

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            given = f"{(file.size or 0) / 1024 / 1024:.1f}"
            raise forms.ValidationError(_("This file is %s MB. Files can be up to 5 MB.") % given)
        return file


class AdjustForm(forms.Form):
    points = WholeNumberField(
        label=_("Points"),
        min_value=-MOST_POINTS,
        max_value=MOST_POINTS,
        help_text=_("Enter a negative number to deduct points, up to what the user has available."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Shown in the user's ledger and in your audit log.")
    )
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def clean_points(self) -> int:
        points: int = self.cleaned_data["points"]
        if points == 0:
            raise forms.ValidationError(_("Enter a number other than 0."))
        return points


class ReverseForm(forms.Form):
    """Of one event, whole or in part. An event without a quantity or an amount to divide is reversed whole."""

    quantity = WholeNumberField(
        label=_("Quantity"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_("Leave empty to reverse all remaining points of the event."),
    )
    amount = forms.CharField(
        label=_("Amount"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "class": "money"}),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, event: PointEvent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = event.currency
        if event.quantity < 2:
            del self.fields["quantity"]
        if event.amount_minor:
            self.fields["amount"].help_text = _("In %s. Leave empty to reverse all remaining points.") % event.currency
        else:
            del self.fields["amount"]

    def clean_amount(self) -> int | None:
        text = self.cleaned_data["amount"]
        return amount_of(text, self.currency) if text else None
