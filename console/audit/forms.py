"""Filter form of the audit log."""

import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, Member, User
from console.audit.entries import CAMPAIGNS, AuditFilter
from moments.web.forms import DayInput, field_of, start_of_day


class AuditForm(forms.Form):
    """The filter form. Days are in the member's time zone."""

    hides_optional = True

    by = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), required=False, empty_label=_("Everybody")
    )
    what = forms.ChoiceField(
        label=_("What"),
        required=False,
        choices=[("", _("Everything")), (CAMPAIGNS, _("campaigns")), *AuditEntry.Event.choices],
    )
    since = forms.DateField(label=_("From"), required=False, widget=DayInput)
    until = forms.DateField(label=_("To"), required=False, widget=DayInput)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zoneinfo.ZoneInfo(member.user.time_zone)
        seen = AuditEntry.objects.filter(organization=member.organization).values("actor")
        people = User.objects.filter(memberships__organization=member.organization) | User.objects.filter(pk__in=seen)
        field_of(self, "by", forms.ModelChoiceField).queryset = people.distinct().order_by("email")

    def wanted(self) -> AuditFilter:
        """Return the filter; an empty one if the form has errors."""
        if not self.is_valid():
            return AuditFilter()
        fields = self.cleaned_data
        since = start_of_day(fields["since"], self.zone)
        return AuditFilter(fields["by"], fields["what"], since, start_of_day(fields["until"], self.zone, later=1))
