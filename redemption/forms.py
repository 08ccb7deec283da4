"""What customers fill in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.delivery import country_choices
from catalog.models import Marketplace
from redemption.addresses import Address


class AddressForm(forms.Form):
    """Where to send it. What has no parcel asks for the country alone."""

    recipient = forms.CharField(
        label=_("Full name"), max_length=120, widget=forms.TextInput({"autocomplete": "shipping name"})
    )
    country = forms.ChoiceField(label=_("Country"), widget=forms.Select({"autocomplete": "shipping country"}))
    street = forms.CharField(
        label=_("Street address"),
        max_length=300,
        widget=forms.Textarea({"rows": 2, "autocomplete": "shipping street-address"}),
    )
    city = forms.CharField(
        label=_("City"),
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "shipping address-level2"}),
    )
    region = forms.CharField(
        label=_("State or province"),
        max_length=80,
        required=False,
        widget=forms.TextInput({"autocomplete": "shipping address-level1"}),
    )
    postal_code = forms.CharField(
        label=_("Postal code"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "shipping postal-code"}),
    )
    phone = forms.CharField(
        label=_("Phone (for the carrier)"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"autocomplete": "shipping tel", "type": "tel"}),
    )

    def __init__(self, *args, marketplace: Marketplace, is_digital: bool, **kwargs):
        super().__init__(*args, **kwargs)
        choices = country_choices(marketplace)
        self.fields["country"].choices = choices
        codes = [code for code, _name in choices]
        home = {"UK": "GB"}.get(marketplace.code, marketplace.code)
        self.fields["country"].initial = home if home in codes else codes[0] if codes else ""
        for name in ("city", "region", "postal_code"):
            self.fields[name].hides_optional = True  # most countries need it
        if is_digital:
            for name in ("street", "city", "postal_code", "phone"):
                del self.fields[name]
            self.fields["region"].help_text = _("In the United States and Canada it decides the tax.")

    def address(self) -> Address:
        blank = dict.fromkeys(Address.__dataclass_fields__, "")
        return Address(**{**blank, **self.cleaned_data})
