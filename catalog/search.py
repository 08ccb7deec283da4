"""Finding products to offer."""

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from accounts.models import Organization
from catalog.models import Category, Marketplace, Product
from moments.folding import folded_contains


def search_products(
    *,
    text: str = "",
    category: Category | None = None,
    min_cents: int | None = None,
    max_cents: int | None = None,
    marketplace: Marketplace,
    offered_to: Organization,
) -> QuerySet[Product]:
    """Products that ``offered_to`` may choose: every word found in title, description, SKU or category.

    Hits in the title come first, then by title. Stock plays no part: developers must not see redemptions move it.
    """
    found = Product.objects.offered_to(offered_to).filter(marketplace=marketplace)
    if category is not None:
        found = found.filter(category=category)
    if min_cents is not None:
        found = found.filter(price_cents__gte=min_cents)
    if max_cents is not None:
        found = found.filter(price_cents__lte=max_cents)
    words = words_of(text)
    in_title = Q(*[folded_contains("title", word) for word in words])
    rank = Case(When(in_title, then=Value(0)), default=Value(1), output_field=IntegerField()) if words else Value(0)
    return with_words(found, words).select_related("category", "marketplace").order_by(rank, "title", "pk")


def words_of(text: str) -> list[str]:
    return text.replace("\x00", "").split()


def with_words(products: QuerySet[Product], words: list[str]) -> QuerySet[Product]:
    """Those that have every word in title, description, SKU or category; also in scripts that part words by nothing."""
    for word in words:
        products = products.filter(_has(word))
    return products


def _has(word: str) -> Q:
    return (
        folded_contains("title", word)
        | folded_contains("description", word)
        | Q(sku__iexact=word)
        | folded_contains("category__name", word)
    )
