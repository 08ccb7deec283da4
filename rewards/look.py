"""Looking at a reward without consuming it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from accounts.models import Organization
from campaigns.models import Campaign, Moment, RewardGroup
from moments.money import apply_rate
from rewards.issuing import Ask
from rewards.refusals import refusal

Status = Campaign.Status


@dataclass(frozen=True)
class Look:
    campaign: Campaign
    moment: Moment
    group: RewardGroup
    is_preview: bool

    @property
    def retail_value_cents(self) -> int:
        """Minor units of the marketplace's currency: of the dearest product, or the credit."""
        if self.group.retail_value_cents is not None:
            return self.group.retail_value_cents
        return apply_rate(self.moment.cpa_cents, self.group.credit_per_cent or Decimal(1))


def look_at_reward(ask: Ask, *, now: dt.datetime) -> Look:
    """What ``ask`` would get; refused with the same codes as the issue. Caps and users' limits are not looked at."""
    campaigns = Campaign.objects.select_related("organization", "banner")
    campaign = campaigns.filter(pk=ask.campaign_id, app_id=ask.app_id).first()
    if campaign is None:
        raise refusal("unknown_campaign", ask=ask)
    moment = campaign.moments.filter(key=ask.moment).first()
    if moment is None:
        raise refusal("unknown_moment", ask=ask)
    groups = list(campaign.groups.filter(Q(key=ask.group) | Q(marketplace_id=ask.group)).select_related("marketplace"))
    if not groups:
        raise refusal("unknown_reward_group", ask=ask)
    group = next((found for found in groups if found.key == ask.group), groups[0])
    is_preview = not ask.is_live or campaign.status == Status.APPROVED
    if not is_preview and (code := why_not(campaign, now=now)):
        raise refusal(code, ask=ask)
    return Look(campaign, moment, group, is_preview)


def why_not(campaign: Campaign, *, now: dt.datetime) -> str:
    """The code of what keeps a campaign from issuing now; "" where nothing does."""
    if campaign.organization.status != Organization.Status.ACTIVE:
        return "organization_suspended"
    if campaign.status in {Status.DRAFT, Status.PENDING, Status.REJECTED}:
        return "campaign_not_approved"
    if campaign.status == Status.SUSPENDED:
        return "campaign_suspended"
    if campaign.status == Status.FINISHED or (campaign.ends_at and campaign.ends_at <= now):
        return "campaign_finished"
    if campaign.starts_at and campaign.starts_at > now:
        return "campaign_not_started"
    return "held_for_review" if campaign.held_at else ""
