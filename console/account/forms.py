"""What members fill in about themselves."""

import zoneinfo

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moments.web.forms import NarrowModelForm, field_of


class ProfileForm(NarrowModelForm):
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Times in the console are shown in it."))

    class Meta:
        model = User
        fields = ["name", "time_zone"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        zones = sorted(zoneinfo.available_timezones())
        field_of(self, "time_zone", forms.ChoiceField).choices = [(zone, zone) for zone in zones]
