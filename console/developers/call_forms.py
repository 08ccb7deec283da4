"""Filter form of the log of API calls."""

import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, App, Member
from api.call_log.listing import CallFilter
from moments.web.forms import DayInput, field_of, start_of_day

STATUSES = [
    ("", _("All")),
    ("succeeded", _("Succeeded")),
    ("refused", _("Refused or failed")),
    *((str(status), str(status)) for status in (400, 401, 403, 404, 409, 413, 422, 429, 500, 503)),
]


class CallFilterForm(forms.Form):
    """Days are in the member's time zone."""

    hides_optional = True

    q = forms.CharField(label=_("Path, code, or any ID"), max_length=128, required=False)
    app = forms.ModelChoiceField(label=_("App"), queryset=App.objects.none(), required=False, empty_label=_("All"))
    mode = forms.ChoiceField(label=_("Key"), required=False, choices=[("", _("All")), *ApiKey.Mode.choices])
    status = forms.ChoiceField(label=_("Status"), required=False, choices=STATUSES)
    since = forms.DateField(label=_("From"), required=False, widget=DayInput)
    until = forms.DateField(label=_("To"), required=False, widget=DayInput)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zoneinfo.ZoneInfo(member.user.time_zone)
        apps = App.objects.filter(organization_id=member.organization_id).order_by("name")
        field_of(self, "app", forms.ModelChoiceField).queryset = apps

    def wanted(self) -> CallFilter:
        """Return the filter; an empty one if the form has errors."""
        if not self.is_valid():
            return CallFilter()
        fields = self.cleaned_data
        return CallFilter(
            app_id=fields["app"].pk if fields["app"] else None,
            mode=fields["mode"],
            status=fields["status"],
            search=fields["q"].strip(),
            since=start_of_day(fields["since"], self.zone),
            until=start_of_day(fields["until"], self.zone, later=1),
        )
