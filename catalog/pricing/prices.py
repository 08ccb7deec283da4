"""Selling prices, their history, and the reward value that follows from it."""

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from catalog.models import PriceChange, Product
from moments.errors import RuleViolation
from moments.money import apply_rate

DAYS = 30


@transaction.atomic
def set_price(product: Product, price_cents: int, *, now: dt.datetime) -> None:
    """Sell ``product`` at ``price_cents`` from ``now`` on. The same price again leaves no line in the history."""
    refuse_no_price(price_cents)
    changed = Product.objects.filter(pk=product.pk).exclude(price_cents=price_cents).update(price_cents=price_cents)
    if changed:
        PriceChange.objects.create(product=product, price_cents=price_cents, occurred_at=now)
    product.price_cents = price_cents


@transaction.atomic
def schedule_price(product: Product, price_cents: int, *, at: dt.datetime, now: dt.datetime) -> None:
    """Sell ``product`` at ``price_cents`` from ``at`` on; of two prices of one instant the later word holds."""
    if at <= now:
        set_price(product, price_cents, now=now)
        return
    refuse_no_price(price_cents)
    PriceChange.objects.create(product=product, price_cents=price_cents, occurred_at=at)


def price_at(product: Product, at: dt.datetime) -> int | None:
    """What its history says that it costs at an instant, also one that is to come."""
    changes = PriceChange.objects.filter(product=product, occurred_at__lte=at).order_by("-occurred_at", "-id")
    return changes.values_list("price_cents", flat=True).first()


def take_up_prices(*, now: dt.datetime) -> int:
    """Sell at what the history says, where the day of a new price has come; how many products."""
    newest = PriceChange.objects.filter(product=OuterRef("pk"), occurred_at__lte=now).order_by("-occurred_at", "-id")
    due = Product.objects.annotate(due_cents=Subquery(newest.values("price_cents")[:1]))
    done = 0
    for pk in due.exclude(due_cents=F("price_cents")).exclude(due_cents=None).values_list("pk", flat=True):
        with transaction.atomic():
            product = Product.objects.select_for_update(no_key=True).get(pk=pk)
            price = price_at(product, now) or product.price_cents
            changed = Product.objects.filter(pk=pk).exclude(price_cents=price)
            done += changed.update(price_cents=price)
    return done


def refuse_no_price(price_cents: int) -> None:
    if price_cents < 1:
        raise RuleViolation("invalid_price", _("A selling price is at least one minor unit."), field="price_cents")


def reward_value(product: Product, *, now: dt.datetime) -> int:
    """What ``product`` is worth as a reward, in minor units of its marketplace's currency."""
    return reward_values([product], now=now)[product.pk]


def reward_values(products: Iterable[Product], *, now: dt.datetime) -> dict[int, int]:
    """Product id → the median of its selling price on each of the last 30 days; the list price without a history.

    A day counts with the price that stood at this hour, so that a slip of a minute weighs nothing.
    """
    products = list(products)
    history = defaultdict(list)
    changes = PriceChange.objects.filter(product__in=products, occurred_at__lte=now).order_by("occurred_at", "id")
    for product_id, at, price in changes.values_list("product_id", "occurred_at", "price_cents"):
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
        PriceChange.objects.create(product=product, price_cents=product.price_cents, occurred_at=now)
