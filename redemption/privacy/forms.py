"""Forms for a customer's profile and for erasing the account."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.time_zones import NOT_CHOSEN
from moments.web.forms import NarrowModelForm, TimeZoneField, field_of, time_zones


class AboutMeForm(NarrowModelForm):
    language = forms.ChoiceField(
        label=_("Language"), required=False, help_text=_("Of these pages and of our mails to you.")
    )
    time_zone = TimeZoneField(label=_("Time zone"), help_text=_("Times are shown in it."))

    class Meta:
        model = User
        fields = ["name", "language", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        as_browser = _("As my browser has it")
        zones = [zone for zone in time_zones() if zone != NOT_CHOSEN]  # Etc/UTC selects UTC explicitly
        field_of(self, "language", forms.ChoiceField).choices = [("", as_browser), *settings.LANGUAGES]
        field_of(self, "time_zone", TimeZoneField).choices = [
            (NOT_CHOSEN, as_browser),
            *((zone, zone) for zone in zones),
        ]


class EraseForm(forms.Form):
    is_sure = forms.BooleanField(
        label=_("Yes, erase my account. I know that this cannot be undone."),
        error_messages={"required": _("Tick the box first: what is erased cannot be brought back.")},
    )
