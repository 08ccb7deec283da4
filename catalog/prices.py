"""Selling prices, their history, and the reward value that follows from it."""

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import PriceChange, Product
from moments.errors import RuleViolation
from moments.money import apply_rate

DAYS = 30


@transaction.atomic
def set_price(product: Product, price_cents: int, *, now: dt.datetime) -> None:
    """Sell ``product`` at ``price_cents`` from ``now`` on. The same price again leaves no line in the history."""
    if price_cents < 1:
        raise RuleViolation("invalid_price", _("A selling price is at least one minor unit."), field="price_cents")
    changed = Product.objects.filter(pk=product.pk).exclude(price_cents=price_cents).update(price_cents=price_cents)
    if changed:
        PriceChange.objects.create(product=product, price_cents=price_cents, at=now)
    product.price_cents = price_cents


def reward_value(product: Product, *, now: dt.datetime) -> int:
    """What ``product`` is worth as a reward, in minor units of its marketplace's currency."""
    return reward_values([product], now=now)[product.pk]


def reward_values(products: Iterable[Product], *, now: dt.datetime) -> dict[int, int]:
    """Product id → the median of its selling price on each of the last 30 days; the list price without a history.

    A day counts with the price that stood at this hour, so that a slip of a minute weighs nothing.
    """
    products = list(products)
    history = defaultdict(list)
    changes = PriceChange.objects.filter(product__in=products, at__lte=now).order_by("at", "id")
    for product_id, at, price in changes.values_list("product_id", "at", "price_cents"):
        history[product_id].append((at, price))
    days = [now - dt.timedelta(days=back) for back in range(DAYS)]
    return {
        product.pk: _median(_prices_on(days, history[product.pk])) or product.list_price_cents for product in products
    }


def _prices_on(days: list[dt.datetime], changes: list[tuple[dt.datetime, int]]) -> list[int]:
    """The price in force at each instant; instants before the first change are left out."""
    return [before[-1] for day in days if (before := [price for at, price in changes if at <= day])]


def _median(prices: list[int]) -> int | None:
    if not prices:
        return None
    low, high = statistics.median_low(prices), statistics.median_high(prices)
    return apply_rate(low + high, Decimal("0.5"))


def record_first_price(product: Product, *, now: dt.datetime) -> None:
    """Begin the history of a product that has none."""
    if not product.price_changes.exists():
        PriceChange.objects.create(product=product, price_cents=product.price_cents, at=now)
