"""Profile form for members."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moments.web.forms import NarrowModelForm, TimeZoneField, field_of, time_zones


class ProfileForm(NarrowModelForm):
    time_zone = TimeZoneField(label=_("Time zone"), help_text=_("Times in the console are shown in it."))

    class Meta:
        model = User
        fields = ["name", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = time_zones()
        field_of(self, "time_zone", TimeZoneField).choices = [(zone, zone) for zone in zones]
