"""Who fulfills what ``Product.fulfillment`` names. The warehouse is people: nobody is called, orders wait in admin."""

from moments import registry
from redemption.providers.base import Provider
from redemption.providers.gift_codes import GiftCodes
from redemption.providers.tremendous import Tremendous

PROVIDERS: dict[str, Provider] = {"gift_codes": GiftCodes(), "tremendous": Tremendous()}


@registry.missing_settings.provide
def missing_settings(fulfillment: str) -> str:
    """Which settings the provider cannot be called without; empty where it can, and for the warehouse."""
    provider = PROVIDERS.get(fulfillment)
    return provider.what_is_missing() if provider else ""


def uncallable() -> list[str]:
    """The providers that cannot be called."""
    return [name for name in PROVIDERS if missing_settings(name)]
