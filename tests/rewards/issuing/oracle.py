"""What issuing decides, said slowly in plain ORM: the measure for the SQL function."""

import datetime as dt

from django.db.models import Sum

from accounts.models import Organization
from campaigns.budget.spending import month_of
from campaigns.models import BudgetEntry, Campaign, Moment
from campaigns.setup.moment_costs import cost_cents
from rewards.issuing.service import IssueRequest
from rewards.models import Reward

REFUSED = {"draft": "campaign_not_approved", "pending": "campaign_not_approved", "rejected": "campaign_not_approved"}
REFUSED |= {"suspended": "campaign_suspended", "finished": "campaign_finished"}


def expected_outcome(ask: IssueRequest, *, now: dt.datetime) -> str:
    """issued, replay, preview, or the refusal's code; what is spent is added up from the ledger."""
    campaign = Campaign.objects.select_related("organization").filter(pk=ask.campaign_id, app_id=ask.app_id).first()
    if campaign is None:
        return "unknown_campaign"
    moment = campaign.moments.filter(key=ask.moment).first()
    if moment is None:
        return "unknown_moment"
    if not campaign.groups.filter(key=ask.group).exists():
        return "unknown_reward_group"
    if ask.is_live and (repeat := _repeat(ask, campaign, moment)):
        return repeat
    if not ask.is_live or campaign.status == "approved":
        return "preview"
    if campaign.organization.status != Organization.Status.ACTIVE:
        return "organization_suspended"
    if campaign.status in REFUSED:
        return REFUSED[campaign.status]
    if campaign.ends_at <= now:
        return "campaign_finished"
    if campaign.starts_at > now:
        return "campaign_not_started"
    if campaign.held_at:
        return "held_for_review"
    if ask.external_id and campaign.rewards.filter(external_id=ask.external_id).exists():
        return "external_id_reused"
    return _cap_reached(ask, campaign, moment, now) or "issued"


def _repeat(ask: IssueRequest, campaign: Campaign, moment: Moment) -> str:
    if ask.idempotency_key:
        known = Reward.objects.filter(app_id=ask.app_id, idempotency_key=ask.idempotency_key).first()
        return ("replay" if known.fingerprint == ask.fingerprint else "idempotency_key_reused") if known else ""
    if ask.app_user_id and campaign.per_user_limit == 1:
        return "replay" if moment.rewards.filter(app_user_id=ask.app_user_id, user_slot=1).exists() else ""
    return ""


def _cap_reached(ask: IssueRequest, campaign: Campaign, moment: Moment, now: dt.datetime) -> str:
    of_user = moment.rewards.filter(app_user_id=ask.app_user_id).exclude(source=Reward.Source.POINTS)
    if ask.app_user_id and of_user.count() >= campaign.per_user_limit:
        return "user_limit_reached"
    month, charge = month_of(now), cost_cents(moment, campaign.groups.get(key=ask.group))
    ours = BudgetEntry.objects.filter(organization=campaign.organization)
    if _sum(ours.filter(campaign=campaign)) + charge > campaign.total_budget_cents:
        return "campaign_budget_exhausted"
    if _sum(ours.filter(campaign=campaign, month=month)) + charge > campaign.monthly_limit_cents:
        return "campaign_month_cap_reached"
    if _sum(ours.filter(month=month)) + charge > campaign.organization.monthly_limit_cents:
        return "organization_month_cap_reached"
    return ""


def _sum(entries) -> int:
    return entries.aggregate(sum=Sum("amount_cents"))["sum"] or 0
