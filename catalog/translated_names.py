"""Names of marketplaces and categories that come with Moments, for translation. Others stay as operators wrote them."""

from django.utils.translation import gettext_noop as _

STORES = [
    _("United States"),
    _("Canada"),
    _("Mexico"),
    _("Brazil"),
    _("United Kingdom"),
    _("Germany"),
    _("France"),
    _("Italy"),
    _("Spain"),
    _("India"),
    _("Japan"),
    _("China"),
    _("Australia"),
]
SHELVES = [
    _("Books"),
    _("Coffee & tea"),
    _("Electronics"),
    _("Games"),
    _("Garden"),
    _("Gift codes"),
    _("Home"),
    _("Kitchen"),
    _("Sports"),
    _("Toys"),
    _("Travel"),
]
