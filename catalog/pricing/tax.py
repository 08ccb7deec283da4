"""What tax a marketplace adds to its prices. Nothing where its prices include it."""

import datetime as dt
from decimal import Decimal

from catalog.models import Marketplace, TaxRate
from moments.money import apply_rate

NOTHING = Decimal(0)


def cpa_rate(marketplace: Marketplace, *, now: dt.datetime) -> Decimal:
    """The rate a CPA is suggested with, before anyone knows where the parcel goes: 0.1 is 10 %."""
    return NOTHING if marketplace.prices_include_tax else _rate_in_force(marketplace, "", "", now)


def destination_rate(marketplace: Marketplace, *, country: str, region: str, now: dt.datetime) -> Decimal:
    """The rate at the address: of its state or province, else of its country, else the marketplace's own."""
    return NOTHING if marketplace.prices_include_tax else _rate_in_force(marketplace, country, region, now)


def included_rate(marketplace: Marketplace, *, now: dt.datetime) -> Decimal:
    """The tax inside the prices, to be named on an invoice. It is never added."""
    return _rate_in_force(marketplace, "", "", now) if marketplace.prices_include_tax else NOTHING


def in_percent(rate: Decimal) -> str:
    """``0.08250`` → ``8.25 %``"""
    return f"{(rate * 100).normalize():f} %"


def tax_inside(cents: int, rate: Decimal) -> int:
    """How much of a price that includes it is tax: of €11.90 at 19 % it is €1.90."""
    return cents - apply_rate(cents, 1 / (1 + rate)) if rate else 0


def _rate_in_force(marketplace: Marketplace, country: str, region: str, now: dt.datetime) -> Decimal:
    country, region = country.strip().upper(), region.strip().upper()
    rates = TaxRate.objects.filter(marketplace=marketplace, valid_from__lte=now.date()).order_by("valid_from")
    places = {(rate.country.upper(), rate.region.upper()): rate.rate for rate in rates}
    for place in ((country, region), (country, ""), ("", "")):
        if place in places:
            return places[place]
    return NOTHING
