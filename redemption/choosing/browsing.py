"""Search within the category of a reward."""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from django.db.models import ExpressionWrapper, F, FloatField, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.models import Marketplace, Product
from catalog.search import with_words, words_of
from moments.money import apply_rate
from redemption.choosing.offers import percent_of
from redemption.choosing.quotes import Terms, most_waived
from rewards.models import Reward

LEFT_TO_PAY = ExpressionWrapper(F("price_cents") * 1.0 / F("list_price_cents"), FloatField())
ORDERS: dict[str, list] = {
    "price": ["price_cents", "title", "pk"],
    "-price": ["-price_cents", "title", "pk"],
    "title": ["title", "pk"],
    "discount": [LEFT_TO_PAY.asc(), "title", "pk"],
}
SORTS = [
    ("price", _("Price, lowest first")),
    ("-price", _("Price, highest first")),
    ("title", _("Name, A to Z")),
    ("discount", _("Largest discount first")),
]


@dataclass(frozen=True)
class BrowseFilter:
    """Search criteria. Amounts are in the store's minor units; ``is_covered`` selects items that cost nothing beyond
    the credit.
    """

    text: str = ""
    least_cents: int | None = None
    most_cents: int | None = None
    is_in_stock: bool = False
    is_covered: bool = False
    sort: str = "price"


def browse(reward: Reward, wanted: BrowseFilter, terms: Terms) -> QuerySet[Product]:
    """Return the matching products of the reward's category, sorted."""
    shelf = Product.objects.curated(reward.group.marketplace, reward.group.category).prefetch_related("sizes")
    if wanted.is_in_stock:  # include the unit that is reserved for this customer
        shelf = shelf.filter(Q(pk__in=Product.objects.in_stock()) | Q(reservations__reward=reward))
    found = with_words(shelf, words_of(wanted.text))
    if wanted.least_cents is not None:
        found = found.filter(price_cents__gte=wanted.least_cents)
    if wanted.most_cents is not None:
        found = found.filter(price_cents__lte=wanted.most_cents)
    if wanted.is_covered:
        found = found.filter(covered_by(reward, terms)) if covers_whole_items(reward) else found.none()
    return found.order_by(*ORDERS[wanted.sort])


def covers_whole_items(reward: Reward) -> bool:
    """Return whether the reward can pay the full price, which a percentage discount never does."""
    return percent_of(reward.group) == 1


def covered_by(reward: Reward, terms: Terms) -> Q:
    """Return a filter for products that the credit covers with tax and shipping, consistent with ``quote_at``."""
    store, credit = reward.group.marketplace, reward.credit_cents + most_waived(reward.currency)
    if terms.is_member:
        return Q(price_cents__lte=dearest_within(credit, terms.tax_rate))
    unshipped = Q(price_cents__lte=dearest_within(credit, terms.tax_rate)) & ships_free(store)
    return unshipped | Q(price_cents__lte=dearest_within(credit - store.flat_shipping_cents, terms.tax_rate))


def ships_free(store: Marketplace) -> Q:
    return Q(kind=Product.Kind.DIGITAL) | Q(price_cents__gte=store.free_shipping_from_cents)


def dearest_within(credit_cents: int, tax_rate: Decimal) -> int:
    """Return the highest price that, with its tax, does not exceed the credit."""
    price = int((credit_cents / (1 + tax_rate)).to_integral_value(ROUND_FLOOR)) + 1
    while price + apply_rate(price, tax_rate) > credit_cents:
        price -= 1
    return price
