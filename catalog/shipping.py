"""What sending a parcel costs the customer."""

from catalog.models import Marketplace, Product


def shipping_cents(marketplace: Marketplace, items_cents: int, *, kind: str, is_member: bool) -> int:
    """Free for members, for what has no parcel, and from the marketplace's threshold on; else its flat rate.

    ``items_cents`` counts before any credit.
    """
    if kind == Product.Kind.DIGITAL or is_member or items_cents >= marketplace.free_shipping_from_cents:
        return 0
    return marketplace.flat_shipping_cents
