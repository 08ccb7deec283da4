"""Filter forms of reports."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from campaigns.models import Campaign, Moment
from catalog.models import Marketplace
from moments.web.forms import DayInput, WholeNumberField, field_of
from rewards.issuing.listing import Device
from rewards.reporting.daily_totals import BY, LONGEST, By, ReportFilter, Window

USUAL = 30  # default number of days


class ReportForm(forms.Form):
    """The filter form. Days are UTC days; without them, the last thirty days are shown."""

    MOST_CAMPAIGNS = 200  # the newest campaigns in the menu
    hides_optional = True

    by = forms.ChoiceField(label=gettext_lazy("A line for each"), choices=list(BY.items()), required=False)
    since = forms.DateField(label=gettext_lazy("From (UTC)"), required=False, widget=DayInput)
    until = forms.DateField(label=gettext_lazy("To (UTC)"), required=False, widget=DayInput)
    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.none(),
        required=False,
        empty_label=gettext_lazy("All"),
    )
    marketplace = forms.ModelChoiceField(
        label=gettext_lazy("Marketplace"),
        queryset=Marketplace.objects.all(),
        required=False,
        empty_label=gettext_lazy("All"),
    )
    device = forms.ChoiceField(
        label=gettext_lazy("Device"), required=False, choices=[("", gettext_lazy("All")), *Device.choices]
    )

    def __init__(self, data: Any, *, member: Member, now: dt.datetime) -> None:
        self.usual = Window.up_to(now, USUAL)
        asked = {**data.dict(), "since": data.get("since") or self.usual.first.isoformat()}
        super().__init__({**asked, "until": data.get("until") or self.usual.last.isoformat()})
        campaigns = Campaign.objects.visible_to(member).order_by("-created_at")
        field = field_of(self, "campaign", forms.ModelChoiceField)
        field.queryset = campaigns
        field.choices = [
            ("", _("All")),
            *((campaign.pk, campaign.name) for campaign in campaigns[: self.MOST_CAMPAIGNS]),
        ]

    def clean(self) -> dict:
        super().clean()
        fields = self.cleaned_data
        if self.errors:
            return fields
        first, last = fields["since"], fields["until"]
        if first > last:
            self.add_error("until", _("The last day lies before the first."))
        elif Window(first, last).days > LONGEST:
            self.add_error("until", _("A report covers at most %d days.") % LONGEST)
        elif first.year < 2000 or last.year > 2200:
            self.add_error("since", _("Choose days between 2000 and 2200."))
        fields["window"] = Window(first, last)
        return fields

    def wanted(self) -> tuple[ReportFilter, By]:
        """Return the filter and grouping; the defaults if the form has errors."""
        if not self.is_valid():
            return ReportFilter(self.usual), By.DAY
        fields = self.cleaned_data
        store = fields["marketplace"]
        wanted = ReportFilter(fields["window"], fields["campaign"], store.pk if store else "", fields["device"])
        return wanted, By(fields["by"] or By.DAY)


class SeenForm(forms.Form):
    """The number of users who saw each moment, one field per moment."""

    def __init__(self, *args: Any, moments: list[Moment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for moment in moments:
            self.fields[moment.key] = WholeNumberField(
                label=_("Users who saw “%s”") % moment.key, min_value=1, max_value=10**9
            )
