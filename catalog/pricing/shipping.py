"""What sending a parcel costs the customer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Marketplace, Product


class ShippingKind(models.TextChoices):
    """Why shipping costs what it costs."""

    NONE = "none", _("nothing to ship")
    MEMBER = "member", _("two days, free for members")
    FREE = "free", _("free from an amount on")
    FLAT = "flat", _("flat rate")


def shipping_kind(marketplace: Marketplace, items_cents: int, *, kind: str, is_member: bool) -> ShippingKind:
    """``items_cents`` counts before any credit."""
    if kind == Product.Kind.DIGITAL:
        return ShippingKind.NONE
    if is_member:
        return ShippingKind.MEMBER
    return ShippingKind.FREE if items_cents >= marketplace.free_shipping_from_cents else ShippingKind.FLAT


def shipping_cents(marketplace: Marketplace, items_cents: int, *, kind: str, is_member: bool) -> int:
    """Free for members, for what has no parcel, and from the marketplace's threshold on; else its flat rate."""
    found = shipping_kind(marketplace, items_cents, kind=kind, is_member=is_member)
    return cents_of(found, marketplace)


def cents_of(found: ShippingKind, marketplace: Marketplace) -> int:
    return marketplace.flat_shipping_cents if found == ShippingKind.FLAT else 0
