"""Form for the display options of email samples."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from moments.web.forms import field_of


class LookForm(forms.Form):
    """Display options; invalid values are replaced by the defaults."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    colors = forms.ChoiceField(label=_("Colors"), required=False, choices=[("", _("Light")), ("dark", _("Dark"))])
    width = forms.ChoiceField(label=_("Width"), required=False, choices=[("", _("Wide")), ("narrow", _("A phone's"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "language", forms.ChoiceField).choices = settings.LANGUAGES
        self.is_valid()

    @property
    def in_language(self) -> str:
        return self.cleaned_data.get("language") or settings.LANGUAGE_CODE

    @property
    def is_dark(self) -> bool:
        return self.cleaned_data.get("colors") == "dark"

    @property
    def is_narrow(self) -> bool:
        return self.cleaned_data.get("width") == "narrow"

    def query(self) -> str:
        return urlencode({name: value for name, value in self.cleaned_data.items() if value})
