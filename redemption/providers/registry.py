"""Providers by the value of ``Product.fulfillment``. Orders for the warehouse have none and wait in the admin."""

from moments import registry
from redemption.providers.base import Provider
from redemption.providers.gift_codes import GiftCodes
from redemption.providers.tremendous import Tremendous

PROVIDERS: dict[str, Provider] = {"gift_codes": GiftCodes(), "tremendous": Tremendous()}


@registry.missing_settings.provide
def missing_settings(fulfillment: str) -> str:
    """Return the settings that the provider is missing; empty if it can be called, and for the warehouse."""
    provider = PROVIDERS.get(fulfillment)
    return provider.what_is_missing() if provider else ""


def uncallable() -> list[str]:
    """Return the names of providers that lack settings."""
    return [name for name in PROVIDERS if missing_settings(name)]
