"""Forms to request that an own product or T-shirt be offered. Operators receive them as support requests."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Category, Marketplace, Product
from moments.money import display
from moments.names import PlainName
from moments.web.forms import MoneyField

KINDS = [
    (Product.Kind.PHYSICAL, gettext_lazy("Something that is sent")),
    (Product.Kind.DIGITAL, gettext_lazy("A code or link")),
]
GARMENTS = [
    ("white", gettext_lazy("White")),
    ("black", gettext_lazy("Black")),
    ("navy", gettext_lazy("Navy")),
    ("heather", gettext_lazy("Heather gray")),
]


class OwnProductForm(forms.Form):
    title = PlainName(label=gettext_lazy("What it is"), max_length=120)
    category = forms.ModelChoiceField(label=gettext_lazy("Category"), queryset=Category.objects.all(), empty_label=None)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=KINDS,
        widget=forms.RadioSelect,
        initial=Product.Kind.PHYSICAL,
    )
    store = forms.ModelChoiceField(label=gettext_lazy("Store"), queryset=Marketplace.objects.all(), empty_label=None)
    price = MoneyField(label=gettext_lazy("Selling price (US dollars)"), least=1)
    page = forms.URLField(
        label=gettext_lazy("Where it is sold today"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=gettext_lazy("A page that shows it."),
    )
    about = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("What your users would read, and how many you could deliver."),
    )

    def subject(self) -> str:
        return _("Own product: %s") % self.cleaned_data["title"]

    def body(self) -> str:
        """Return the request's text for operators, one line per answer."""
        given = {**self.cleaned_data, "price": display(self.cleaned_data["price"])}
        given["kind"] = dict(KINDS)[given["kind"]]
        names = ["title", "category", "kind", "store", "price", "page"]
        lines = [f"{self.fields[name].label}: {given[name]}" for name in names if given[name]]
        return "\n".join([*lines, "", given["about"]])


class TshirtForm(forms.Form):
    title = PlainName(label=gettext_lazy("Name of the T-shirt"), max_length=120)
    garment = forms.ChoiceField(label=gettext_lazy("Color"), choices=GARMENTS, widget=forms.RadioSelect)
    design = forms.FileField(
        label=gettext_lazy("Design"),
        widget=forms.FileInput({"accept": "image/png,image/jpeg"}),
        help_text=gettext_lazy(
            "PNG or JPEG, 1200 to 6000 pixels a side, at most 10 MB. Best: PNG with a transparent ground."
        ),
    )
    about = forms.CharField(
        label=gettext_lazy("Anything we should know"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    owns_rights = forms.BooleanField(
        label=gettext_lazy("We hold the rights to this design and let you print it."),
        error_messages={"required": gettext_lazy("Only designs that you hold the rights to can be printed.")},
    )

    def subject(self) -> str:
        return _("T-shirt: %s") % self.cleaned_data["title"]

    def body(self) -> str:
        given = self.cleaned_data
        lines = [f"{self.fields['title'].label}: {given['title']}"]
        lines.append(f"{self.fields['garment'].label}: {dict(GARMENTS)[given['garment']]}")
        return "\n".join([*lines, "", given["about"]]).strip()
