"""What a campaign offers, as its public page shows it."""

from campaigns.models import Campaign, RewardGroup
from catalog.models import Product


def shown_to_anybody(campaign: Campaign, group: RewardGroup) -> list[Product]:
    """For the public page: what was approved, never what is in stock, so that it tells nothing of redemptions."""
    if group.kind == RewardGroup.Kind.CATEGORY:
        return list(Product.objects.curated(group.marketplace, group.category)[:8])
    return [row.product for row in group.choices.select_related("product").order_by("position")]
