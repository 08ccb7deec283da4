"""Where organizations may come from."""

from collections.abc import Iterable

import pycountry
from django.utils.translation import gettext as _

from accounts.models import IneligibleCountry
from moments.errors import RuleViolation


def country_name(code: str) -> str:
    """The English name of an ISO 3166-1 code, or the code itself."""
    found = pycountry.countries.get(alpha_2=code)
    return getattr(found, "common_name", found.name) if found else code


def country_choices(codes: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """``(code, name)`` by name; of ``codes``, or of every country."""
    codes = [country.alpha_2 for country in pycountry.countries] if codes is None else codes
    return sorted(((code, country_name(code)) for code in codes), key=lambda choice: choice[1])


def ineligible_names() -> list[str]:
    return sorted(country_name(code) for code in IneligibleCountry.objects.values_list("code", flat=True))


def refuse_ineligible(country: str) -> None:
    """Raises ``RuleViolation`` when organizations of ``country`` cannot register."""
    if not pycountry.countries.get(alpha_2=country):
        raise RuleViolation("unknown_country", _("“%s” is not a country.") % country, field="country")
    if IneligibleCountry.objects.filter(code=country).exists():
        message = _("Organizations in %s cannot take part in Moments.") % country_name(country)
        raise RuleViolation("country_not_eligible", message, field="country")
