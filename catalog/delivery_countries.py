"""Where rewards are delivered."""

from babel import Locale
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.models import DeliveryCountry, Marketplace
from moments.errors import RuleViolation


def served_countries(marketplace: Marketplace) -> QuerySet[DeliveryCountry]:
    """Countries that ``marketplace`` delivers to and that operators have switched on."""
    return marketplace.countries.filter(is_served=True).order_by("code")


def is_served(marketplace: Marketplace, country: str) -> bool:
    return served_countries(marketplace).filter(code=country.strip().upper()).exists()


def country_name(code: str) -> str:
    """In the language of the page: ``Germany``, ``Deutschland``, ``ドイツ``."""
    locale = Locale.parse(translation.to_locale(translation.get_language() or "en"))
    return locale.territories.get(code, code)


def country_choices(marketplace: Marketplace) -> list[tuple[str, str]]:
    """For an address form: (code, name), by name."""
    codes = served_countries(marketplace).values_list("code", flat=True)
    return sorted(((code, country_name(code)) for code in codes), key=lambda choice: choice[1])


def served_anywhere(*, and_also: str = "") -> list[tuple[str, str]]:
    """Where some store delivers, and one country that is kept from before: (code, name), by name."""
    codes = set(
        DeliveryCountry.objects.filter(is_served=True, marketplaces__isnull=False).values_list("code", flat=True)
    )
    return sorted(((code, country_name(code)) for code in codes | {and_also} - {""}), key=lambda choice: choice[1])


def home_country(marketplace: Marketplace) -> str:
    """The country that the store is at home in, as addresses name it."""
    return {"UK": "GB"}.get(marketplace.code, marketplace.code)


def refuse_unserved(marketplace: Marketplace, country: str) -> None:
    """Raise ``country_not_served``, with the list of countries that are."""
    if is_served(marketplace, country):
        return
    names = ", ".join(name for _code, name in country_choices(marketplace))
    raise RuleViolation(
        "country_not_served",
        _("%(store)s does not deliver to %(country)s. It delivers to: %(countries)s.")
        % {"store": marketplace, "country": country_name(country), "countries": names},
        field="country",
    )
