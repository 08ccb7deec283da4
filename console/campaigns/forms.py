"""Forms for campaigns."""

import datetime as dt
import zoneinfo
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import App, Member, Organization
from accounts.organizations.access import MANAGERS
from campaigns.models import Campaign
from campaigns.setup.contacts import clean_return_link, clean_support_contact
from campaigns.setup.service import FIRST_YEAR, LAST_YEAR
from catalog.models import Category
from moments.errors import RuleViolation
from moments.i18n.datetimes import instant_of
from moments.names import PlainName
from moments.web.forms import MoneyField, TimeZoneField, WholeNumberField, field_of, time_zones

KINDS = [
    (Campaign.Kind.CHALLENGE, _("Challenge: you announce it with its terms, and users work for it")),
    (Campaign.Kind.SURPRISE, _("Surprise: not announced; users learn of it when they have earned it")),
    (Campaign.Kind.COMPETITION, _("Competition: you announce it with its terms, then send rewards to the winners")),
]


class NewCampaignForm(forms.Form):
    name = PlainName(
        label=_("Name"),
        max_length=120,
        help_text=_("For you and your team; users never see it."),
    )
    app = forms.ModelChoiceField(label=_("App"), queryset=App.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, widget=forms.RadioSelect, initial=Campaign.Kind.CHALLENGE)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        apps = App.objects.filter(organization=organization, archived_at=None)
        field_of(self, "app", forms.ModelChoiceField).queryset = apps


class LocalInstantField(forms.DateTimeField):
    default_error_messages: ClassVar = {"invalid": _("This is not a date and time; write it like 2026-11-28 18:00.")}

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput({"type": "datetime-local", "max": "9999-12-31T23:59"}, format="%Y-%m-%dT%H:%M")
        super().__init__(
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], widget=widget, **kwargs
        )

    def to_python(self, value: Any) -> dt.datetime | None:
        """Return the naive time as entered; the form's time zone is applied once all fields are cleaned."""
        if value in self.empty_values:
            return None
        for pattern in self.input_formats or ():
            try:
                found = self.strptime(str(value).strip(), pattern)
            except ValueError:
                continue
            if not FIRST_YEAR <= found.year <= LAST_YEAR:
                message = _("%(year)d is too far away; choose a year between %(first)d and %(last)d.")
                values = {"year": found.year, "first": FIRST_YEAR, "last": LAST_YEAR}
                raise forms.ValidationError(message % values)
            return found
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


def _by_rule(clean: Callable[[str], str], text: str) -> str:
    try:
        return clean(text)
    except RuleViolation as refusal:
        raise forms.ValidationError(refusal.message) from None


class DetailsForm(forms.Form):
    name = PlainName(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, widget=forms.RadioSelect)
    starts_at = LocalInstantField(label=_("Starts"))
    ends_at = LocalInstantField(label=_("Ends"), help_text=_("Rewards can be redeemed for 30 days after this day."))
    time_zone = TimeZoneField(label=_("Time zone"), help_text=_("Of both times, and of the rewards' expiry."))
    goes_live = forms.ChoiceField(
        label=_("Once it is approved, it goes live"), choices=Campaign.GoesLive.choices, widget=forms.RadioSelect
    )
    per_user_limit = WholeNumberField(
        label=_("Rewards per user and moment"), min_value=1, max_value=1000, help_text=_("Usually one.")
    )
    support_contact = forms.CharField(
        label=_("Support contact"),
        max_length=200,
        help_text=_("An email address or https page, for questions before the reward is opened."),
    )
    return_link = forms.CharField(
        label=_("Return link"),
        max_length=300,
        required=False,
        help_text=_("Leads back to your app from the reward page: https://… or a link your app opens."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = time_zones()
        field_of(self, "time_zone", TimeZoneField).choices = [(zone, zone) for zone in zones]

    def clean_support_contact(self) -> str:
        return _by_rule(clean_support_contact, self.cleaned_data["support_contact"])

    def clean_return_link(self) -> str:
        return _by_rule(clean_return_link, self.cleaned_data["return_link"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if "time_zone" in cleaned:
            zone = zoneinfo.ZoneInfo(cleaned["time_zone"])
            for name in ("starts_at", "ends_at"):
                if cleaned.get(name):
                    self._put_in_zone(name, zone)
        return cleaned

    def _put_in_zone(self, name: str, zone: zoneinfo.ZoneInfo) -> None:
        try:
            self.cleaned_data[name] = instant_of(self.cleaned_data[name], zone)
        except RuleViolation as refusal:
            self.add_error(name, refusal.message)

    @staticmethod
    def initial_of(campaign: Campaign) -> dict:
        zone = zoneinfo.ZoneInfo(campaign.time_zone)
        initial = {name: getattr(campaign, name) for name in DetailsForm.base_fields}
        for name in ("starts_at", "ends_at"):
            if initial[name]:
                initial[name] = initial[name].astimezone(zone).replace(tzinfo=None)
        return initial


class MomentForm(forms.Form):
    description = forms.CharField(
        label=_("What the user does"), max_length=200, help_text=_("“Reaches level 10”, “starts a paid subscription”.")
    )
    key = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        label=_("Key"),
        max_length=60,
        help_text=_("What your server sends as momentId: letters, digits, dash, dot, underscore."),
        error_messages={"invalid": _("A key has letters, digits, dashes, dots and underscores only.")},
    )
    audience_note = forms.CharField(
        label=_("Audience"),
        max_length=200,
        required=False,
        help_text=_("For yourselves: whom this moment is meant for."),
    )


class SearchForm(forms.Form):
    hides_optional = True
    q = forms.CharField(label=_("Search"), max_length=100, required=False)
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.all(), required=False, empty_label=_("All categories")
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["least"] = MoneyField(label=_("From"), required=False, currency=currency)
        self.fields["most"] = MoneyField(label=_("To"), required=False, currency=currency)


class PercentForm(forms.Form):
    beyond = _("%(show_value)s %% off is not between 1 and 99 %%.")
    percent_off = WholeNumberField(
        error_messages={
            "min_value": beyond,
            "max_value": beyond,
            "invalid": _("“%(given)s” is not a whole number from 1 to 99."),
        },
        label=_("Percent off"),
        min_value=1,
        max_value=99,
        required=False,
        help_text=_("Of each item, its tax and its shipping, up to the cost per action. Empty: the whole credit."),
    )


class MessageForm(forms.Form):
    announcement_message = forms.CharField(
        label=_("Announcement message"),
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Your app shows it before: what to do, and what for."),
    )
    redemption_message = forms.CharField(
        label=_("Redemption message"),
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("On the reward page and in the mail: why they get it."),
    )
    banner = forms.FileField(
        label=_("Banner"),
        required=False,
        widget=forms.FileInput({"accept": "image/png,image/jpeg", "data-banner": ""}),
        help_text=_(
            "PNG or JPEG, exactly 3000 × 600 pixels, at most 5 MB. Keep text in the middle half. "
            "Transparent parts become white."
        ),
    )
    banner_alt = forms.CharField(
        label=_("Banner's alternative text"), max_length=200, help_text=_("What the banner shows, in words.")
    )
    terms = forms.CharField(label=_("Terms"), max_length=5000, required=False, widget=forms.Textarea({"rows": 5}))

    def __init__(self, *args: Any, is_announced: bool = True, **kwargs: Any) -> None:
        """Require terms and an announcement for challenges and competitions; a surprise is not announced."""
        super().__init__(*args, **kwargs)
        self.fields["terms"].required = is_announced
        if not is_announced:
            del self.fields["announcement_message"]


class TranslationForm(forms.Form):
    """The campaign's texts in another language; empty fields fall back to the campaign's own."""

    hides_optional = True

    announcement_message = forms.CharField(label=_("Announcement message"), max_length=300, required=False)
    redemption_message = forms.CharField(label=_("Redemption message"), max_length=300, required=False)
    banner_alt = forms.CharField(label=_("Banner's alternative text"), max_length=200, required=False)
    terms = forms.CharField(label=_("Terms"), max_length=5000, required=False, widget=forms.Textarea({"rows": 4}))

    def __init__(self, data: Any = None, *, language: str, is_announced: bool = True, **kwargs: Any) -> None:
        super().__init__(data, prefix=language, **kwargs)
        if not is_announced:
            del self.fields["announcement_message"]
        for field in self.fields.values():
            field.widget.attrs["lang"] = language

    @property
    def is_open(self) -> bool:
        """Return whether any field has a value."""
        return any(self[name].value() for name in self.fields)


def cost_field(moment_id: int, group_id: int) -> str:
    """Return the name of the field for a moment's cost in a reward group's marketplace."""
    return f"cpa_{moment_id}_{group_id}"


class BudgetForm(forms.Form):
    """Cost per action of each moment in each marketplace, and the campaign's two spending limits."""

    def __init__(self, *args: Any, pairs: Any = (), **kwargs: Any) -> None:
        """``pairs`` are the (moment, reward group, cents) whose costs can be entered."""
        super().__init__(*args, **kwargs)
        for moment, group, _cents in pairs:
            values = {"key": moment.key, "store": group.marketplace}
            self.fields[cost_field(moment.pk, group.pk)] = MoneyField(
                label=_("Cost per action of “%(key)s” in %(store)s (US dollars)") % values,
                help_text=moment.description,
            )
        self.fields["total_budget_cents"] = MoneyField(
            label=_("Total budget (US dollars)"), help_text=_("At least $50. When it is spent, no more is issued.")
        )
        self.fields["monthly_limit_cents"] = MoneyField(
            label=_("Monthly limit (US dollars)"), help_text=_("A calendar month, in UTC.")
        )

    def costs(self) -> dict[tuple[int, int], int]:
        """Return (moment id, reward group id) → US cents for the valid fields."""
        found = {}
        for name, cents in self.cleaned_data.items():
            if name.startswith("cpa_"):
                moment, group = name.removeprefix("cpa_").split("_")
                found[int(moment), int(group)] = cents
        return found


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why (for your history)"), max_length=500, required=False)


class HandOverForm(forms.Form):
    to = forms.ModelChoiceField(label=_("New owner of the billing"), queryset=Member.objects.none(), empty_label=None)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        managers = Member.objects.filter(organization=member.organization, role__in=MANAGERS)
        field_of(self, "to", forms.ModelChoiceField).queryset = managers.select_related("user")
