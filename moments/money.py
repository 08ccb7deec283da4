"""Money as whole minor units. ``Decimal`` only where text comes in or a rate is applied, rounded once, half up."""

import re
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency, get_currency_precision
from django.utils import translation

from moments.errors import RuleViolation

# Commas between thousands alone: "27,50" is refused, not taken for 2,750.
AMOUNT = re.compile(r"\$?([0-9]{1,10}(?:\.[0-9]{1,4})?|[0-9]{1,3}(?:,[0-9]{3}){1,3}(?:\.[0-9]{1,4})?)")


def exponent(currency: str) -> int:
    """Digits behind the point: 2 for USD, 0 for JPY."""
    return get_currency_precision(currency)


def apply_rate(cents: int, rate: Decimal) -> int:
    """``cents`` times ``rate``, rounded half up to the minor unit."""
    return int((cents * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_decimal(cents: int, currency: str = "USD") -> Decimal:
    return Decimal(cents).scaleb(-exponent(currency))


def as_text(cents: int, currency: str = "USD") -> str:
    """For JSON and CSV: ``"27.50"``, ``"-3.00"``, ``"1200"`` (yen)."""
    return f"{to_decimal(cents, currency):f}"


def display(cents: int, currency: str = "USD", locale: str | None = None) -> str:
    """For people, in the language of the page: ``$27.50``, ``27,50 €``."""
    name = locale or translation.to_locale(translation.get_language() or "en")
    return format_currency(to_decimal(cents, currency), currency, locale=name)


def parse(text: str, currency: str = "USD") -> int:
    """``"27.5"`` → 2750. Raises ``RuleViolation`` for anything that is not an amount in whole minor units."""
    found = AMOUNT.fullmatch(text.strip())
    cents = Decimal(found[1].replace(",", "")).scaleb(exponent(currency)) if found else None
    if cents is None or cents != cents.to_integral_value():
        raise RuleViolation(
            "invalid_amount", f"“{text}” is not an amount of {currency}; write it like {as_text(2750, currency)}."
        )
    return int(cents)
