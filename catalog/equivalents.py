"""What may stand in for a product that is gone."""

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Abs

from catalog.delivery import is_served
from catalog.models import Marketplace, Product


def find_equivalents(
    product: Product, *, value_cents: int, marketplace: Marketplace, country: str | None = None
) -> QuerySet[Product]:
    """Same category, in stock, at 100 to 110 % of ``value_cents``, the nearest first. None where we do not deliver.

    A parcel stands in for a parcel and a code for a code: a digital order has no street.
    """
    if country is not None and not is_served(marketplace, country):
        return Product.objects.none()
    parcels = Product.objects.in_stock().exclude(kind=Product.Kind.DIGITAL)
    codes = Product.objects.in_stock().filter(kind=Product.Kind.DIGITAL)
    return (
        (codes if product.kind == Product.Kind.DIGITAL else parcels)
        .filter(
            Q(own_of=None) | Q(own_of=product.own_of_id),
            marketplace=marketplace,
            category=product.category_id,
            is_offered=True,
            is_curated=True,
            price_cents__gte=value_cents,
            price_cents__lte=value_cents * 11 // 10,
        )
        .exclude(pk=product.pk)
        .order_by(Abs(F("price_cents") - value_cents), "pk")
    )
