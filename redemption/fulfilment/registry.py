"""Who fulfils what ``Product.fulfilment`` names. The warehouse is people: nobody is called, orders wait in admin."""

from redemption.fulfilment.base import Provider
from redemption.fulfilment.gift_codes import GiftCodes
from redemption.fulfilment.tremendous import Tremendous

PROVIDERS: dict[str, Provider] = {"gift_codes": GiftCodes(), "tremendous": Tremendous()}
