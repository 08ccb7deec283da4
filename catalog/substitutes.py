"""Substitutes for a product that is out of stock."""

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Abs

from catalog.delivery_countries import is_served
from catalog.models import ManualSubstitute, Marketplace, Product


def is_near(value_cents: int) -> Q:
    """100 to 110 % of it."""
    return Q(price_cents__gte=value_cents, price_cents__lte=value_cents * 11 // 10)


def find_substitutes(
    product: Product, *, value_cents: int, marketplace: Marketplace, country: str | None = None
) -> QuerySet[Product]:
    """Products in stock at 100 to 110 % of ``value_cents``: first what operators named, in their order, then those
    of the same category, the nearest in value first. None where we do not deliver.

    A named substitute whose value an operator has checked may have any value. A parcel replaces only a parcel and a
    code only a code, because a digital order has no street address.
    """
    if country is not None and not is_served(marketplace, country):
        return Product.objects.none()
    named = ManualSubstitute.objects.filter(product=product, equal=OuterRef("pk"))
    is_named = Q(place__isnull=False) & (is_near(value_cents) | Q(is_value_checked=True))
    is_alike = Q(category=product.category_id, is_curated=True) & is_near(value_cents)
    return (
        _like(product)
        .annotate(place=Subquery(named.values("position")[:1]))
        .annotate(is_value_checked=Subquery(named.values("is_value_checked")[:1]))
        .filter(is_named | is_alike, Q(own_of=None) | Q(own_of=product.own_of_id))
        .filter(marketplace=marketplace, is_offered=True)
        .exclude(pk=product.pk)
        .order_by(F("place").asc(nulls_last=True), Abs(F("price_cents") - value_cents), "pk")
    )


def _like(product: Product) -> QuerySet[Product]:
    """What is in stock and comes the same way."""
    there, digital = Product.objects.in_stock(), Product.Kind.DIGITAL
    return there.filter(kind=digital) if product.kind == digital else there.exclude(kind=digital)
