"""What a user is told about tiers: which is the next, how far it is, and why an exchange was refused."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from rewards.points.balances import TierProgress, UserPoints


@dataclass(frozen=True)
class NextTier:
    """The cheapest tier that the user cannot reach yet."""

    tier: TierProgress
    missing: int


def next_tier(mine: UserPoints) -> NextTier | None:
    """None where the balance reaches every tier that is open to the user."""
    available = mine.balance.available
    ahead = [each for each in mine.tiers if each.tier.points > available and each.has_status and not each.is_used]
    nearest = min(ahead, key=lambda each: each.tier.points, default=None)
    return NextTier(nearest, nearest.tier.points - available) if nearest else None


def reason_for(code: str) -> str:
    """A refusal in the words of the app's user; the API's own texts are for developers."""
    reasons = {
        "insufficient_points": _("You do not have enough points for this."),
        "tier_used": _("You already exchanged points for this; it can be exchanged once."),
        "status_needed": _("Your status does not include this."),
        "campaign_not_started": _("This reward is not available yet. Your points are unchanged."),
        "campaign_finished": _("This reward is no longer available. Your points are unchanged."),
    }
    return reasons.get(code) or _("This reward is not available right now. Your points are unchanged; try again later.")
