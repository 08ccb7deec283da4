"""Forms for organizations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.organizations.eligibility import country_choices
from moments.names import PlainName
from moments.web.forms import NarrowModelForm, field_of


class OrganizationForm(forms.Form):
    name = PlainName(
        label=_("Organization's name"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    country = forms.ChoiceField(label=_("Country"), help_text=_("Where the organization is registered."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        countries = [("", _("Choose a country")), *country_choices()]
        field_of(self, "country", forms.ChoiceField).choices = countries


class OrganizationNameForm(NarrowModelForm):
    class Meta:
        model = Organization
        fields = ["name"]
