"""What one reward costs the organization: per moment and reward group, in US cents."""

from campaigns.models import Campaign, Moment, MomentCost, RewardGroup

Pair = tuple[int, int]  # ids of a moment and a reward group


def cost_cents(moment: Moment | None, group: RewardGroup) -> int:
    """US cents of ``moment``, else of the first moment, in the marketplace of ``group``; 0 while it is not set."""
    costs = MomentCost.objects.filter(group=group, **({"moment": moment} if moment else {}))
    return costs.values_list("cpa_cents", flat=True).first() or 0


def costs_of(campaign: Campaign) -> dict[Pair, int]:
    """(moment id, group id) → US cents, of the pairs whose cost is set."""
    rows = MomentCost.objects.filter(moment__campaign=campaign).order_by("pk")
    return {(moment, group): cents for moment, group, cents in rows.values_list("moment_id", "group_id", "cpa_cents")}


def pairs_of(campaign: Campaign) -> list[tuple[Moment, RewardGroup, int]]:
    """Every moment with every reward group and its cost, in the order of the editor; 0 while it is not set."""
    costs = costs_of(campaign)
    groups = list(campaign.groups.select_related("marketplace", "category"))
    return [
        (moment, group, costs.get((moment.pk, group.pk), 0)) for moment in campaign.moments.all() for group in groups
    ]
