"""Forms for rewards."""

import zoneinfo
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from campaigns.models import Campaign, Moment, RewardGroup
from moments.web.forms import DayInput, field_of, start_of_day
from rewards.issuing.listing import STATES, RewardFilter, Source


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
        return RewardFilter(
            campaign=self.of_campaign,
            moment=known.get("moment"),
            state=known.get("state", ""),
            source=known.get("source", ""),
            since=start_of_day(known.get("since"), self.zone),
            until=start_of_day(known.get("until"), self.zone, later=1),
            search=known.get("q", ""),
        )


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
