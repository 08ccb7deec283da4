"""Offers of a reward: the products of its group or category, and substitutes for those that are sold out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from campaigns.models import RewardGroup
from catalog.models import Product
from catalog.stock import SoldOut
from catalog.substitutes import find_substitutes
from moments.errors import RuleViolation
from redemption.models import Reservation
from rewards.models import Reward

EQUALS_SHOWN = 3


@dataclass(frozen=True)
class Offer:
    """A product at ``value_cents`` in its marketplace's currency. ``substitute_for`` is the product it replaces."""

    product: Product
    value_cents: int
    is_available: bool = True
    substitute_for: Product | None = None


def offers_of(group: RewardGroup) -> list[Offer]:
    """Return the group's products in the developer's order, each sold-out one followed by its substitutes."""
    found = []
    for choice in _own_choices(group):
        found.append(choice)
        if not choice.is_available:
            found += substitutes_for(choice, group)
    return found


def offers_for(reward: Reward) -> list[Offer]:
    """Return the offers of the reward's group. The reward's own reserved unit counts as available."""
    reserved = Reservation.objects.filter(reward=reward).select_related("product", "substitute_for").first()
    found = [_unless_held(choice, reserved) for choice in offers_of(reward.group)]
    return [choice for choice in found if not (reserved and choice.substitute_for == reserved.product)]


def category_offers_for(reward: Reward, products: Iterable[Product]) -> list[Offer]:
    """Return ``products`` of a category as offers for this reward."""
    reserved = Reservation.objects.filter(reward=reward).select_related("product", "substitute_for").first()
    return [_unless_held(category_offer(product), reserved) for product in products]


def _unless_held(choice: Offer, reserved: Reservation | None) -> Offer:
    if reserved is None or choice.is_available or choice.product != reserved.product:
        return choice
    return replace(choice, value_cents=reserved.value_cents, is_available=True)


def _own_choices(group: RewardGroup) -> list[Offer]:
    rows = group.choices.select_related("product").prefetch_related("product__sizes").order_by("position")
    return [
        Offer(row.product, row.reward_value_cents or row.product.price_cents, row.product.is_in_stock) for row in rows
    ]


def substitutes_for(choice: Offer, group: RewardGroup) -> list[Offer]:
    """Return up to three substitutes for a sold-out product, excluding products that the group already offers."""
    if group.kind == RewardGroup.Kind.CATEGORY:
        return []
    found = find_substitutes(choice.product, value_cents=choice.value_cents, marketplace=group.marketplace)
    others = found.exclude(pk__in=group.choices.values("product")).prefetch_related("sizes")
    return [Offer(equal, equal.price_cents, substitute_for=choice.product) for equal in others[:EQUALS_SHOWN]]


def find_offer(reward: Reward, product: Product) -> Offer:
    """Return the reward's offer of ``product``, even if it is sold out. Raises ``RuleViolation`` if it is not offered.

    A reserved product keeps the terms of its reservation and counts as available.
    """
    reserved = Reservation.objects.filter(reward=reward, product=product).select_related("substitute_for").first()
    if reserved:
        return Offer(product, reserved.value_cents, substitute_for=reserved.substitute_for)
    for choice in _on_shelf(reward.group, product) or offers_of(reward.group):
        if choice.product.pk == product.pk:
            return choice
    raise RuleViolation("not_offered", _("This item is not available with this reward."))


def _on_shelf(group: RewardGroup, product: Product) -> list[Offer]:
    """Return the offer if ``product`` belongs to the group's category, as a list of at most one."""
    if group.kind != RewardGroup.Kind.CATEGORY:
        return []
    found = Product.objects.curated(group.marketplace, group.category).filter(pk=product.pk)
    return [category_offer(each) for each in found]


def category_offer(product: Product) -> Offer:
    """Return the offer of a category's product at its price."""
    return Offer(product, product.price_cents, product.is_in_stock)


def available_offer(reward: Reward, product: Product) -> Offer:
    """Return the reward's offer of ``product``. Raises ``RuleViolation`` if it is not offered or sold out."""
    choice = find_offer(reward, product)
    refuse_sold_out(choice)
    return choice


def refuse_sold_out(choice: Offer) -> None:
    if not choice.is_available:
        raise SoldOut("sold_out", _("“%s” is sold out.") % choice.product)


def percent_of(group: RewardGroup) -> Decimal:
    return Decimal(group.percent_off or 100) / 100


def offered_or_none(reward: Reward, pk: int) -> Offer | None:
    """Return the reward's offer of product ``pk``; None if it is not offered or does not exist."""
    product = Product.objects.filter(pk=pk).first()
    try:
        return find_offer(reward, product) if product else None
    except RuleViolation:
        return None
