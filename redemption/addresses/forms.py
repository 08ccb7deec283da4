"""Address forms for customers."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.delivery_countries import country_name
from moments.names import PlainLines, PlainName
from redemption.addresses.address import Address
from redemption.addresses.formats import TAXED_BY_REGION, Field, fields_of

LONGEST = {"street": 300, "city": 120, "city_area": 120, "region": 80, "postal_code": 20}
FILLED_BY_BROWSERS = {
    "street": "street-address",
    "city": "address-level2",
    "city_area": "address-level3",
    "region": "address-level1",
    "postal_code": "postal-code",
}


class AddressForm(forms.Form):
    """An address form with the fields of the selected country. Digital items ask for the country only, and for the
    region where it determines the tax.

    ``countries`` are the (code, name) pairs to choose from; the first one is the default.
    """

    recipient = PlainName(
        label=gettext_lazy("Full name"), max_length=120, widget=forms.TextInput({"autocomplete": "shipping name"})
    )

    def __init__(
        self, data: Any = None, *, countries: list[tuple[str, str]], is_digital: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        names = dict(countries)
        given = (data or {}).get("country") or self.initial.get("country", "")
        self.country = self.shown_country = given if given in names else next(iter(names), "")
        self.fields["country"] = forms.ChoiceField(
            label=_("Country"),
            choices=countries,
            initial=self.country,
            error_messages={"invalid_choice": self._not_served(given, list(names.values()))},
            widget=forms.Select({"autocomplete": "shipping country"}),
        )
        self.order_fields(["country", "recipient"])
        if is_digital:
            del self.fields["recipient"]
        for part in fields_of(self.country):
            if not is_digital or (part.name == "region" and self.country in TAXED_BY_REGION):
                self.fields[part.name] = _field_of(part)
        if is_digital and "region" in self.fields:
            self.fields["region"].help_text = _("It decides the tax.")
        if not is_digital:
            self.fields["phone"] = forms.CharField(
                label=_("Phone (for the carrier)"),
                max_length=40,
                required=False,
                widget=forms.TextInput({"autocomplete": "shipping tel", "type": "tel"}),
            )

    def _not_served(self, given: str, names: list[str]) -> str:
        text = _("We do not deliver to %(country)s. We deliver to: %(countries)s.")
        said = text % {"country": country_name(given[:40]), "countries": ", ".join(names)}
        return said.replace("%", "%%")  # Django formats the message again, so escape percent signs

    def address(self, recipient: str = "") -> Address:
        """Return the entered address; ``recipient`` is used if the form has no such field."""
        blank = {**dict.fromkeys(Address.__dataclass_fields__, ""), "recipient": recipient[:120]}
        return Address(**{name: self.cleaned_data.get(name, blank[name]) for name in blank})


def is_country_changed(sent: QueryDict, countries: list[tuple[str, str]]) -> bool:
    """Return whether the customer selected another country than the one whose fields were shown, so that the form has
    to be shown again.
    """
    shown, chosen = sent.get("fields_of", ""), sent.get("country", "")
    return "change" in sent or bool(shown and shown != chosen and chosen in dict(countries))


class CheckoutForm(AddressForm):
    """The address form of the checkout, with a checkbox that saves the address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "street" in self.fields:
            self.fields["keep"] = forms.BooleanField(
                label=_("Keep this address for the next time"),
                required=False,
                help_text=_("Name, address and phone, in your account, until you remove them there."),
            )


def _field_of(part: Field) -> forms.Field:
    attributes: dict[str, Any] = {"autocomplete": f"shipping {FILLED_BY_BROWSERS[part.name]}"}
    help_text = _("Like %s") % part.example if part.example else ""
    if part.choices:
        choices = [("", _("Choose one")), *part.choices]
        return forms.ChoiceField(
            label=part.label, choices=choices, required=part.is_required, widget=forms.Select(attributes)
        )
    widget = forms.Textarea({"rows": 2, **attributes}) if part.name == "street" else forms.TextInput(attributes)
    kind = PlainLines if part.name == "street" else PlainName
    return kind(
        label=part.label,
        max_length=LONGEST[part.name],
        required=part.is_required,
        widget=widget,
        help_text=help_text,
    )
