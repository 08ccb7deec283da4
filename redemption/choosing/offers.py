"""What a customer may choose with a reward: the products of its group, or a category; equals for what is gone."""

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
    """A product at ``value_cents`` of its marketplace's currency. ``substitute_for`` names what it replaces."""

    product: Product
    value_cents: int
    is_available: bool = True
    substitute_for: Product | None = None


def offers_of(group: RewardGroup) -> list[Offer]:
    """A group's own products in the developer's order, a sold-out one followed by its equals."""
    found = []
    for choice in _own_choices(group):
        found.append(choice)
        if not choice.is_available:
            found += substitutes_for(choice, group)
    return found


def offers_for(reward: Reward) -> list[Offer]:
    """As ``choices_of`` its group. The unit that it holds in reserve is not sold out for its own customer."""
    reserved = Reservation.objects.filter(reward=reward).select_related("product", "substitute_for").first()
    found = [_unless_held(choice, reserved) for choice in offers_of(reward.group)]
    return [choice for choice in found if not (reserved and choice.substitute_for == reserved.product)]


def category_offers_for(reward: Reward, products: Iterable[Product]) -> list[Offer]:
    """Of a category: ``products`` as this reward's customer may choose them."""
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
    """What the customer may have instead of a product that is sold out; nothing that the group offers anyway."""
    if group.kind == RewardGroup.Kind.CATEGORY:
        return []
    found = find_substitutes(choice.product, value_cents=choice.value_cents, marketplace=group.marketplace)
    others = found.exclude(pk__in=group.choices.values("product")).prefetch_related("sizes")
    return [Offer(equal, equal.price_cents, substitute_for=choice.product) for equal in others[:EQUALS_SHOWN]]


def find_offer(reward: Reward, product: Product) -> Offer:
    """``product`` as ``reward`` offers it, also where it is sold out. Refuses what it does not offer.

    What the reward holds in reserve stays on the terms on which it was reserved, and is not sold out for it.
    """
    reserved = Reservation.objects.filter(reward=reward, product=product).select_related("substitute_for").first()
    if reserved:
        return Offer(product, reserved.value_cents, substitute_for=reserved.substitute_for)
    for choice in _on_shelf(reward.group, product) or offers_of(reward.group):
        if choice.product.pk == product.pk:
            return choice
    raise RuleViolation("not_offered", _("This item is not available with this reward."))


def _on_shelf(group: RewardGroup, product: Product) -> list[Offer]:
    """Of a category: the product itself, if it stands on that shelf."""
    if group.kind != RewardGroup.Kind.CATEGORY:
        return []
    found = Product.objects.curated(group.marketplace, group.category).filter(pk=product.pk)
    return [category_offer(each) for each in found]


def category_offer(product: Product) -> Offer:
    """A product of a category, at its price."""
    return Offer(product, product.price_cents, product.is_in_stock)


def available_offer(reward: Reward, product: Product) -> Offer:
    """``product`` as ``reward`` may be spent on it. Refuses what it does not offer and what is sold out."""
    choice = find_offer(reward, product)
    refuse_sold_out(choice)
    return choice


def refuse_sold_out(choice: Offer) -> None:
    if not choice.is_available:
        raise SoldOut("sold_out", _("“%s” is sold out.") % choice.product)


def percent_of(group: RewardGroup) -> Decimal:
    return Decimal(group.percent_off or 100) / 100
