"""Money as integers in minor units. ``Decimal`` is used only to parse and to apply rates, rounded once, half up."""

import re
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency, get_currency_precision, get_currency_symbol
from django.utils import translation

from moments.errors import RuleViolation

# ASCII digits, a point before the minor units and commas only between thousands: "27,50" and "0,250" are refused
# instead of read as 2,750 and 250. The currency limits the digits after the point, so "50.000" is not read as 50.
AMOUNT = re.compile(r"(?P<whole>[0-9]{1,10}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,3})(?:\.(?P<minor>[0-9]+))?")
SHOWN = 40  # characters of the input in messages


def exponent(currency: str) -> int:
    """Return the number of decimal places: 2 for USD, 0 for JPY."""
    return get_currency_precision(currency)


def apply_rate(cents: int, rate: Decimal) -> int:
    """Return ``cents`` times ``rate``, rounded half up to the minor unit."""
    return int((cents * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_decimal(cents: int, currency: str = "USD") -> Decimal:
    return Decimal(cents).scaleb(-exponent(currency))


def as_text(cents: int, currency: str = "USD") -> str:
    """Format for JSON and CSV: ``"27.50"``, ``"-3.00"``, ``"1200"`` (yen)."""
    return f"{to_decimal(cents, currency):f}"


def display(cents: int, currency: str = "USD", locale: str | None = None) -> str:
    """Format for people in the active language: ``$27.50``, ``27,50 €``."""
    name = locale or translation.to_locale(translation.get_language() or "en")
    return format_currency(to_decimal(cents, currency), currency, locale=name)


def parse(text: str, currency: str = "USD") -> int:
    """Parse ``"27.5"`` to 2750. Raises ``RuleViolation`` for ambiguous text or an invalid amount of the currency."""
    bare = text.strip().removeprefix(get_currency_symbol(currency, locale="en_US"))
    found, places = AMOUNT.fullmatch(bare), exponent(currency)
    if found is None or len(found["minor"] or "") > places:
        example = as_text(2750, currency)
        raise RuleViolation(
            "invalid_amount", f"“{text[:SHOWN]}” is not an amount of {currency}; write it like {example}."
        )
    return int(found["whole"].replace(",", "") + (found["minor"] or "").ljust(places, "0"))
