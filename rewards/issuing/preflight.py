"""Preflight: which reward a call would issue, without issuing it."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Organization
from campaigns.approval.expiry import rewards_expire_at
from campaigns.budget.spending import month_spent_cents, organization_spent_cents, remaining_count
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
    campaign = _campaign_of(ask)
    if campaign is None:
        raise refusal(IssueOutcome.UNKNOWN_CAMPAIGN, ask=ask)
    moment = campaign.moments.filter(key=ask.moment).first()
    if moment is None:
        raise refusal(IssueOutcome.UNKNOWN_MOMENT, ask=ask)
    group = _group_of(campaign, ask)
    if group is None:
        raise refusal(IssueOutcome.UNKNOWN_REWARD_GROUP, ask=ask)
    is_preview, cost = is_test(campaign, ask), cost_cents(moment, group)
    if not is_preview and (codes := issue_blockers(campaign, cost=cost, now=now)):
        raise refusal(codes[0], ask=ask)
    retail, expires_at = retail_value(group, moment, now=now), rewards_expire_at(campaign)
    return Preflight(campaign, moment, group, is_preview, retail, cost, expires_at)


@dataclass(frozen=True)
class DryRun:
    """What a call would do: every reason against it, the one that it would be refused with first. The charge is None
    if the call names no moment and reward group.
    """

    reasons: list[RuleViolation]
    charge_cents: int | None = None
    remaining_count: int = 0


def dry_run(ask: IssueRequest, *, now: dt.datetime) -> DryRun:
    """Return whether ``ask`` would be issued with a new idempotency key. Consumes and charges nothing.

    The rules are those of ``moments_issue_reward``; the order of the reasons is the order in which it decides.
    """
    campaign = _campaign_of(ask)
    if campaign is None:
        return DryRun([refusal(IssueOutcome.UNKNOWN_CAMPAIGN, ask=ask)])
    moment, group = campaign.moments.filter(key=ask.moment).first(), _group_of(campaign, ask)
    cost = cost_cents(moment, group) if moment and group else None
    codes = [] if moment else [IssueOutcome.UNKNOWN_MOMENT]
    codes += [] if group else [IssueOutcome.UNKNOWN_REWARD_GROUP]
    if not is_test(campaign, ask):
        codes += issue_blockers(campaign, cost=cost, now=now)
        codes += _used_up(ask, campaign, moment)
        codes += _caps_reached(campaign, cost or 0, now=now)
    reasons = [refusal(code, ask=ask) for code in codes]
    return DryRun(reasons, cost, remaining_count(campaign, cost or 0, now=now))


def _campaign_of(ask: IssueRequest) -> Campaign | None:
    campaigns = Campaign.objects.select_related("organization", "banner")
    return campaigns.filter(pk=ask.campaign_id, app_id=ask.app_id).first()


def _group_of(campaign: Campaign, ask: IssueRequest) -> RewardGroup | None:
    """Return the group by its key, else by its marketplace."""
    groups = list(campaign.groups.filter(Q(key=ask.group) | Q(marketplace_id=ask.group)).select_related("marketplace"))
    return next((found for found in groups if found.key == ask.group), groups[0] if groups else None)


def is_test(campaign: Campaign, ask: IssueRequest) -> bool:
    """Return whether the call gets a preview."""
    return not ask.is_live or campaign.status == Status.APPROVED


def issue_blockers(campaign: Campaign, *, cost: int | None = None, now: dt.datetime) -> list[IssueOutcome]:
    """Return every reason why the campaign cannot issue rewards now. ``cost`` is the cost per action, if known."""
    status, blockers = campaign.status, []
    if campaign.organization.status != Organization.Status.ACTIVE:
        blockers.append(IssueOutcome.ORGANIZATION_SUSPENDED)
    if status in {Status.DRAFT, Status.PENDING, Status.REJECTED} or (cost is not None and cost < 1):
        blockers.append(IssueOutcome.CAMPAIGN_NOT_APPROVED)
    if status == Status.SUSPENDED:
        blockers.append(IssueOutcome.CAMPAIGN_SUSPENDED)
    if status == Status.FINISHED or (campaign.ends_at and campaign.ends_at <= now):
        blockers.append(IssueOutcome.CAMPAIGN_FINISHED)
    if campaign.starts_at and campaign.starts_at > now:
        blockers.append(IssueOutcome.CAMPAIGN_NOT_STARTED)
    if campaign.held_at:
        blockers.append(IssueOutcome.HELD_FOR_REVIEW)
    return blockers


def issue_blocker(campaign: Campaign, *, now: dt.datetime) -> IssueOutcome | None:
    """Return why the campaign cannot issue rewards now, or None."""
    return next(iter(issue_blockers(campaign, now=now)), None)


def _used_up(ask: IssueRequest, campaign: Campaign, moment: Moment | None) -> list[IssueOutcome]:
    """Return whether the external id and the user's slots are taken."""
    codes = []
    if ask.external_id is not None and campaign.rewards.filter(external_id=ask.external_id).exists():
        codes.append(IssueOutcome.EXTERNAL_ID_REUSED)
    if moment and ask.app_user_id:
        of_user = moment.rewards.filter(app_user_id=ask.app_user_id, user_slot__isnull=False)
        if of_user.count() >= campaign.per_user_limit:
            codes.append(IssueOutcome.USER_LIMIT_REACHED)
    return codes


def _caps_reached(campaign: Campaign, cost: int, *, now: dt.datetime) -> list[IssueOutcome]:
    organization = campaign.organization
    spent, of_organization = month_spent_cents(campaign, now=now), organization_spent_cents(organization, now=now)
    caps = (
        (IssueOutcome.CAMPAIGN_BUDGET_EXHAUSTED, campaign.total_spent_cents, campaign.total_budget_cents),
        (IssueOutcome.CAMPAIGN_MONTH_CAP_REACHED, spent, campaign.monthly_limit_cents),
        (IssueOutcome.ORGANIZATION_MONTH_CAP_REACHED, of_organization, organization.monthly_limit_cents),
    )
    return [code for code, so_far, cap in caps if so_far + cost > cap]


def refuse_unless_live(campaign: Campaign, *, now: dt.datetime) -> None:
    """Raise ``RuleViolation`` unless the campaign can issue rewards; also refuses test mode. Used for bulk issuing."""
    if campaign.status == Campaign.Status.APPROVED:
        message = _("The campaign is in test mode, so no rewards would be issued. Go live first.")
        raise RuleViolation(IssueOutcome.CAMPAIGN_NOT_STARTED, message)
    if code := issue_blocker(campaign, now=now):
        raise refusal(code)
