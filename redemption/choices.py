"""What a customer may choose with a reward: the products of its group, or a category; equals for what is gone."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from campaigns.models import Campaign, RewardGroup
from catalog.equivalents import find_equivalents
from catalog.models import Product
from moments.errors import RuleViolation
from rewards.models import Reward

EQUALS_SHOWN = 3


@dataclass(frozen=True)
class Choice:
    """A product at ``value_cents`` of its marketplace's currency. ``stands_in_for`` names what it replaces."""

    product: Product
    value_cents: int
    is_available: bool = True
    stands_in_for: Product | None = None


def choices_of(group: RewardGroup) -> list[Choice]:
    """In the developer's order, a sold-out product followed by its equals; of a category by price."""
    if group.kind == RewardGroup.Kind.CATEGORY:
        shelf = Product.objects.curated(group.marketplace, group.category)
        return [Choice(product, product.price_cents, product.is_in_stock) for product in shelf]
    found = []
    chosen = list(group.choices.select_related("product").order_by("position"))
    offered = {row.product_id for row in chosen}
    for row in chosen:
        value = row.reward_value_cents or row.product.price_cents
        found.append(Choice(row.product, value, row.product.is_in_stock))
        if not row.product.is_in_stock:
            found += _equals(row.product, value, group, leave_out=offered)
    return found


def _equals(product: Product, value: int, group: RewardGroup, *, leave_out: set[int]) -> list[Choice]:
    found = find_equivalents(product, value_cents=value, marketplace=group.marketplace).exclude(pk__in=leave_out)
    return [Choice(equal, equal.price_cents, stands_in_for=product) for equal in found[:EQUALS_SHOWN]]


def shown_to_anybody(campaign: Campaign, group: RewardGroup) -> list[Product]:
    """For the public page: what was approved, never what is in stock, so that it tells nothing of redemptions."""
    if group.kind == RewardGroup.Kind.CATEGORY:
        return list(Product.objects.curated(group.marketplace, group.category)[:8])
    return [row.product for row in group.choices.select_related("product").order_by("position")]


def choice_of(reward: Reward, product: Product) -> Choice:
    """``product`` as ``reward`` may be spent on it. Refuses what it does not offer and what is sold out."""
    for choice in choices_of(reward.group):
        if choice.product.pk == product.pk:
            if not choice.is_available:
                raise RuleViolation("sold_out", _("“%s” is sold out.") % product)
            return choice
    raise RuleViolation("not_offered", _("This reward does not offer “%s”.") % product)


def percent_of(group: RewardGroup) -> Decimal:
    return Decimal(group.percent_off or 100) / 100
