"""Forms for rewards and points."""

import datetime as dt
import zoneinfo
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import App, Member, Organization
from campaigns.models import Campaign, Moment, RewardGroup
from moments.names import PlainName
from moments.web.forms import DayInput, TimeZoneField, WholeNumberField, field_of, time_zones
from rewards.issuing.listing import STATES, RewardFilter, Source
from rewards.models import PointsProgram, ProgramApp


class FilterForm(forms.Form):
    """The filter form of reward lists. Days are in the member's time zone."""

    MOST_CAMPAIGNS = 200  # the newest campaigns in the menu; the URL accepts others
    hides_optional = True

    q = forms.CharField(label=_("Reward or user id"), max_length=128, required=False)
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.none(), required=False, empty_label=_("All")
    )
    moment = forms.ModelChoiceField(
        label=_("Moment"), queryset=Moment.objects.none(), required=False, empty_label=_("All")
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *STATES.items()])
    source = forms.ChoiceField(label=_("Through"), required=False, choices=[("", _("All")), *Source.choices])
    since = forms.DateField(label=_("From"), required=False, widget=DayInput)
    until = forms.DateField(label=_("To"), required=False, widget=DayInput)

    def __init__(self, *args: Any, member: Member, campaign: Campaign | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zoneinfo.ZoneInfo(member.user.time_zone)
        self.of_campaign = campaign
        if campaign is None:
            self.of_campaign = self._offer_campaigns(Campaign.objects.visible_to(member).order_by("-created_at"))
        else:
            del self.fields["campaign"]
        if self.of_campaign is None:
            del self.fields["moment"]
        else:
            field_of(self, "moment", forms.ModelChoiceField).queryset = self.of_campaign.moments.all()

    def _offer_campaigns(self, campaigns: QuerySet[Campaign]) -> Campaign | None:
        """Set the campaign choices and return the selected campaign, whose moments become choices too."""
        field = field_of(self, "campaign", forms.ModelChoiceField)
        field.queryset = campaigns
        try:
            chosen = field.clean(self.data.get("campaign"))
        except forms.ValidationError:
            chosen = None
        offered = list(campaigns.only("name")[: self.MOST_CAMPAIGNS])
        if chosen and chosen not in offered:
            offered.append(chosen)
        field.widget.choices = [("", _("All")), *((found.pk, found.name) for found in offered)]
        return chosen

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("%(until)s is before %(since)s.") % {"until": until, "since": since})
        return cleaned

    def wanted(self) -> RewardFilter:
        """Return the filter from the valid fields; errors of others are shown in the form."""
        self.is_valid()
        known = self.cleaned_data
        until = known.get("until")
        return RewardFilter(
            campaign=self.of_campaign,
            moment=known.get("moment"),
            state=known.get("state", ""),
            source=known.get("source", ""),
            since=self._midnight(known.get("since")),
            until=self._midnight(until + dt.timedelta(days=1)) if until and until < dt.date.max else None,
            search=known.get("q", ""),
        )

    def _midnight(self, day: dt.date | None) -> dt.datetime | None:
        if day is None or day.year < 1970:
            return None
        return dt.datetime.combine(day, dt.time(), self.zone)


class SendForm(forms.Form):
    """Sends one reward by email, for support and for tests with colleagues."""

    moment = forms.ModelChoiceField(label=_("Moment"), queryset=Moment.objects.none(), empty_label=None)
    group = forms.ModelChoiceField(label=_("Reward group"), queryset=RewardGroup.objects.none(), empty_label=None)
    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        help_text=_("The reward URL is mailed here; it is used for nothing else."),
    )
    app_user_id = forms.CharField(
        label=_("Your app's user id"), max_length=128, required=False, help_text=_("Counts toward the per-user limit.")
    )
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "moment", forms.ModelChoiceField).queryset = campaign.moments.all()
        field_of(self, "group", forms.ModelChoiceField).queryset = campaign.groups.all()


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        max_length=200,
        widget=forms.FileInput({"accept": ".csv,text/csv,text/plain"}),
        help_text=_("UTF-8, at most 5 MB and 100,000 lines. It is checked first; nothing is issued until you say so."),
    )


class ProgramForm(forms.Form):
    name = PlainName(label=_("Name"), max_length=120)
    time_zone = TimeZoneField(label=_("Time zone"), initial="UTC", help_text=_("Daily caps count its days."))
    apps = forms.ModelMultipleChoiceField(
        label=_("Apps"),
        queryset=App.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Users are the same in all of them. An app is in one program."),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = time_zones()
        field_of(self, "time_zone", TimeZoneField).choices = [(zone, zone) for zone in zones]
        apps = organization.apps.filter(archived_at=None).exclude(
            program_links__in=ProgramApp.objects.filter(left_at=None)
        )
        field_of(self, "apps", forms.ModelMultipleChoiceField).queryset = apps


class RuleForm(forms.Form):
    action = forms.CharField(label=_("Action"), max_length=60, help_text=_("What your server sends as action."))
    points_per_event = WholeNumberField(label=_("Points per event"), min_value=0, max_value=1_000_000, initial=10)
    points_per_quantity = WholeNumberField(label=_("Points per unit"), min_value=0, max_value=1_000_000, initial=0)
    daily_cap = WholeNumberField(label=_("Daily cap per user"), min_value=1, max_value=10**9, required=False)
    lifetime_cap = WholeNumberField(label=_("Lifetime cap per user"), min_value=1, max_value=10**9, required=False)


class ActionForm(forms.Form):
    """Records an action by hand, to replace a lost one or to test the rules."""

    app = forms.ModelChoiceField(label=_("App"), queryset=App.objects.none(), empty_label=None)
    app_user_id = forms.CharField(label=_("Your app's user id"), max_length=128)
    action = forms.ChoiceField(label=_("Action"))
    quantity = WholeNumberField(label=_("Quantity"), min_value=0, max_value=1_000_000, initial=1)
    event_id = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, program: PointsProgram, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "app", forms.ModelChoiceField).queryset = program.current_apps
        rules = program.rules.filter(is_active=True, deleted_at=None).order_by("action")
        actions = rules.values_list("action", flat=True).distinct()
        field_of(self, "action", forms.ChoiceField).choices = [(action, action) for action in actions]


class GroupField(forms.ModelChoiceField):
    """A choice of reward groups of several campaigns, labeled with their campaign."""

    def label_from_instance(self, obj: Model) -> str:
        return f"{obj.campaign} ({obj.key})" if isinstance(obj, RewardGroup) else super().label_from_instance(obj)


class TierForm(forms.Form):
    points = WholeNumberField(label=_("Points"), min_value=1, max_value=10**9, initial=100)
    group = GroupField(label=_("Reward"), queryset=RewardGroup.objects.none(), empty_label=None)
    is_automatic = forms.BooleanField(
        label=_("Exchange automatically"),
        required=False,
        help_text=_(
            "As soon as a user has earned enough points. Applies from now on: points that users already have are never "
            "exchanged automatically."
        ),
    )

    def __init__(self, *args: Any, program: PointsProgram, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organization = program.organization
        usable = [Campaign.Status.APPROVED, Campaign.Status.LIVE]
        groups = RewardGroup.objects.filter(campaign__organization=organization, campaign__status__in=usable)
        field_of(self, "group", GroupField).queryset = groups.select_related("campaign", "marketplace")
