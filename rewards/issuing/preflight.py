"""Preflight: which reward a call would issue, without issuing it."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Organization
from campaigns.approval.expiry import rewards_expire_at
from campaigns.models import Campaign, Moment, RewardGroup
from campaigns.setup.cpa import retail_value
from campaigns.setup.moment_costs import cost_cents
from moments.errors import RuleViolation
from rewards.issuing.outcomes import IssueOutcome
from rewards.issuing.refusals import refusal
from rewards.issuing.service import IssueRequest

Status = Campaign.Status


@dataclass(frozen=True)
class Preflight:
    """The reward that a call would issue. ``retail_value_cents`` is in minor units of the marketplace's currency;
    ``cost_cents`` is the cost per action in US cents.
    """

    campaign: Campaign
    moment: Moment
    group: RewardGroup
    is_preview: bool
    retail_value_cents: int
    cost_cents: int
    expires_at: dt.datetime | None

    @property
    def image(self) -> str | None:
        """Return the picture's file name: of the product if the group has exactly one, else of the banner.

        ``moments_issue_reward`` applies the same rule.
        """
        pictures = list(self.group.choices.values_list("product__picture", flat=True)[:2])
        if len(pictures) == 1 and pictures[0]:
            return pictures[0]
        return self.campaign.banner.image.name if self.campaign.banner else None


def preflight_reward(ask: IssueRequest, *, now: dt.datetime) -> Preflight:
    """Return the reward that ``ask`` would issue, or raise the same refusals. Caps and user limits are not checked."""
    campaigns = Campaign.objects.select_related("organization", "banner")
    campaign = campaigns.filter(pk=ask.campaign_id, app_id=ask.app_id).first()
    if campaign is None:
        raise refusal(IssueOutcome.UNKNOWN_CAMPAIGN, ask=ask)
    moment = campaign.moments.filter(key=ask.moment).first()
    if moment is None:
        raise refusal(IssueOutcome.UNKNOWN_MOMENT, ask=ask)
    groups = list(campaign.groups.filter(Q(key=ask.group) | Q(marketplace_id=ask.group)).select_related("marketplace"))
    if not groups:
        raise refusal(IssueOutcome.UNKNOWN_REWARD_GROUP, ask=ask)
    group = next((found for found in groups if found.key == ask.group), groups[0])
    is_preview = not ask.is_live or campaign.status == Status.APPROVED
    if not is_preview and (code := issue_blocker(campaign, now=now)):
        raise refusal(code, ask=ask)
    retail, expires_at = retail_value(group, moment, now=now), rewards_expire_at(campaign)
    return Preflight(campaign, moment, group, is_preview, retail, cost_cents(moment, group), expires_at)


def issue_blocker(campaign: Campaign, *, now: dt.datetime) -> IssueOutcome | None:
    """Return why the campaign cannot issue rewards now, or None."""
    if campaign.organization.status != Organization.Status.ACTIVE:
        return IssueOutcome.ORGANIZATION_SUSPENDED
    if campaign.status in {Status.DRAFT, Status.PENDING, Status.REJECTED}:
        return IssueOutcome.CAMPAIGN_NOT_APPROVED
    if campaign.status == Status.SUSPENDED:
        return IssueOutcome.CAMPAIGN_SUSPENDED
    if campaign.status == Status.FINISHED or (campaign.ends_at and campaign.ends_at <= now):
        return IssueOutcome.CAMPAIGN_FINISHED
    if campaign.starts_at and campaign.starts_at > now:
        return IssueOutcome.CAMPAIGN_NOT_STARTED
    return IssueOutcome.HELD_FOR_REVIEW if campaign.held_at else None


def refuse_unless_live(campaign: Campaign, *, now: dt.datetime) -> None:
    """Raise ``RuleViolation`` unless the campaign can issue rewards; also refuses test mode. Used for bulk issuing."""
    if campaign.status == Campaign.Status.APPROVED:
        message = _("The campaign is in test mode, so no rewards would be issued. Go live first.")
        raise RuleViolation(IssueOutcome.CAMPAIGN_NOT_STARTED, message)
    if code := issue_blocker(campaign, now=now):
        raise refusal(code)
