"""Search form for a category."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from moments.web.forms import MoneyField
from redemption.choosing.browsing import SORTS, BrowseFilter


class BrowseForm(forms.Form):
    """The search form, submitted as GET. Invalid fields are reported and ignored."""

    hides_optional = True

    q = forms.CharField(label=_("Search"), max_length=100, required=False, widget=forms.TextInput({"type": "search"}))
    sort = forms.ChoiceField(label=_("Sort by"), choices=SORTS, required=False)

    def __init__(self, *args: Any, currency: str, covers_whole_items: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["least"] = MoneyField(label=_("Price from"), required=False, currency=currency, least=0)
        self.fields["most"] = MoneyField(label=_("Price up to"), required=False, currency=currency, least=0)
        self.fields["in_stock"] = forms.BooleanField(label=_("In stock"), required=False)
        if covers_whole_items:
            self.fields["covered"] = forms.BooleanField(label=_("Nothing to pay"), required=False)

    def wanted(self) -> BrowseFilter:
        self.is_valid()
        found = getattr(self, "cleaned_data", {})
        return BrowseFilter(
            text=found.get("q", ""),
            least_cents=found.get("least"),
            most_cents=found.get("most"),
            is_in_stock=found.get("in_stock", False),
            is_covered=found.get("covered", False),
            sort=found.get("sort") or SORTS[0][0],
        )

    def search_fields(self) -> list[BoundField]:
        return [self["q"], self["sort"]]

    def filter_fields(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name not in ("q", "sort")]

    @property
    def is_narrowed(self) -> bool:
        """Return whether any filter besides search and sort order is set."""
        return any(self.data.get(field.name) for field in self.filter_fields())
