"""What a reward should cost: the suggested cost per action."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from campaigns.models import Moment, RewardGroup
from campaigns.setup.moment_costs import cost_cents
from catalog.models import Marketplace, Product
from catalog.pricing.exchange_rates import usd_rate
from catalog.pricing.prices import reward_values
from catalog.pricing.shipping import shipping_cents
from catalog.pricing.tax import cpa_rate
from moments.errors import RuleViolation
from moments.integrations import stripe
from moments.money import apply_rate, exponent


@dataclass(frozen=True)
class CpaSuggestion:
    """In the marketplace's minor units, and the total in US cents."""

    product: Product
    currency: str
    item_cents: int
    tax_cents: int
    shipping_cents: int
    total_cents: int
    usd_cents: int
    item_usd_cents: int


def suggest_for_products(
    products: Iterable[Product], marketplace: Marketplace, *, now: dt.datetime
) -> dict[int, CpaSuggestion]:
    """Product id → what a reward of it costs: reward value, tax, and the shipping that keeps it free."""
    products = list(products)
    values = reward_values(products, now=now)
    tax_rate = cpa_rate(marketplace, now=now)
    rate = usd_rate(marketplace.currency, now=now)
    return {product.pk: _suggestion(product, values[product.pk], marketplace, tax_rate, rate) for product in products}


def _suggestion(
    product: Product, item: int, marketplace: Marketplace, tax_rate: Decimal, rate: Decimal
) -> CpaSuggestion:
    tax = apply_rate(item, tax_rate)
    shipping = shipping_cents(marketplace, item, kind=product.kind, is_member=False)
    total = item + tax + shipping
    currency = marketplace.currency
    return CpaSuggestion(
        product=product,
        currency=currency,
        item_cents=item,
        tax_cents=tax,
        shipping_cents=shipping,
        total_cents=total,
        usd_cents=usd_cents(total, currency, rate),
        item_usd_cents=usd_cents(item, currency, rate),
    )


def usd_cents(amount: int, currency: str, rate: Decimal) -> int:
    """Minor units of ``currency`` as US cents; a fraction counts as a whole cent, so that the credit covers it."""
    dollars = Decimal(amount).scaleb(-exponent(currency)) * rate
    return int(dollars.scaleb(2).quantize(Decimal(1), rounding=ROUND_CEILING))


def credit_per_cent(currency: str, rate: Decimal) -> Decimal:
    """Minor units of ``currency`` for one US cent, to ten places: the promo credit is the CPA times this, half up."""
    return (Decimal(1).scaleb(exponent(currency) - 2) / rate).quantize(Decimal("1e-10"), rounding=ROUND_HALF_UP)


def suggest_cpa(group: RewardGroup, *, now: dt.datetime) -> CpaSuggestion | None:
    """What one reward of ``group`` should cost; None while nothing is chosen.

    Of products: the most expensive, tax and shipping included. Of a category, where the developer chooses the amount:
    the cheapest product, because a credit that buys nothing is no reward; with a percentage off, that share of it.
    """
    found = suggest_for_products(products_of(group), group.marketplace, now=now).values()
    if not found:
        return None
    pick = max if group.kind == RewardGroup.Kind.PRODUCTS else min
    picked = pick(found, key=lambda suggestion: suggestion.usd_cents)
    if group.percent_off is None:
        return picked
    total, item = (-(-cents * group.percent_off // 100) for cents in (picked.usd_cents, picked.item_usd_cents))
    return replace(picked, usd_cents=total, item_usd_cents=item)


def products_of(group: RewardGroup) -> list[Product]:
    if group.kind == RewardGroup.Kind.CATEGORY:
        return list(Product.objects.curated(group.marketplace, group.category))
    return [choice.product for choice in group.choices.select_related("product").order_by("position")]


def retail_value(group: RewardGroup, moment: Moment | None = None, *, now: dt.datetime) -> int:
    """The value that customers read, in minor units of the marketplace's currency.

    Of products, the price of the most expensive one, as approved or as it is now. Of a category, the credit of
    ``moment``, else of the campaign's first moment.
    """
    if group.retail_value_cents is not None:
        return group.retail_value_cents
    if group.pk and group.kind == RewardGroup.Kind.PRODUCTS:
        return max(reward_values(products_of(group), now=now).values(), default=0)
    return credit_of(group, moment, now=now)


def credit_of(group: RewardGroup, moment: Moment | None = None, *, now: dt.datetime) -> int:
    """Minor units of the store's currency: the promo credit of ``moment``, else of the campaign's first."""
    currency = group.marketplace.currency
    try:
        rate = group.credit_per_cent or credit_per_cent(currency, usd_rate(currency, now=now))
    except RuleViolation:  # no exchange rate: then it cannot be approved either
        return 0
    return apply_rate(cost_cents(moment, group), rate) if group.pk else 0


def covers_every_choice(group: RewardGroup, credit_cents: int, *, now: dt.datetime) -> bool:
    """Is every product of ``group`` free with this credit, its tax and shipping included, wherever tax is as usual?

    With a percentage off it nothing is. Of a category all that can be chosen is, unless the rest can be paid here.
    """
    if (group.percent_off or 100) < 100:
        return False
    if group.kind == RewardGroup.Kind.CATEGORY:
        return not stripe.is_set_up()
    store, tax_rate = group.marketplace, cpa_rate(group.marketplace, now=now)
    for choice in group.choices.select_related("product"):
        value = choice.reward_value_cents or choice.product.price_cents
        shipping = shipping_cents(store, value, kind=choice.product.kind, is_member=False)
        if value + apply_rate(value, tax_rate) + shipping > credit_cents:
            return False
    return True
