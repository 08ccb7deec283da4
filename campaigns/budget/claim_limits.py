"""How many rewards and accounts of one person a campaign takes before it asks an operator."""

from dataclasses import dataclass

from django.db.models import F, Q

from campaigns.models import Campaign, ClaimLimits


@dataclass(frozen=True)
class Limits:
    """Of one campaign; 0 is no limit."""

    rewards_per_customer: int = 5
    accounts_per_device: int = 3
    accounts_per_address: int = 5
    accounts_per_network: int = 100


NAMES = list(Limits.__dataclass_fields__)


def claim_limits_of(campaign: Campaign) -> Limits:
    """The campaign's own, else the installation's, else those above."""
    rows = ClaimLimits.objects.filter(Q(campaign=None) | Q(campaign=campaign)).order_by(
        F("campaign").asc(nulls_first=True)
    )
    found: dict[str, int] = {}
    for row in rows:
        found |= {name: number for name in NAMES if (number := getattr(row, name)) is not None}
    return Limits(**found)
