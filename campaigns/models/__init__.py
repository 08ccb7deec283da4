"""The plan: campaigns, their moments and reward groups, what they may spend and what they have spent."""

from campaigns.models.billing import Payment, PaymentMethod, Statement, StatementLine
from campaigns.models.claim_limits import ClaimLimits
from campaigns.models.ledger import BudgetEntry, CampaignMonth, OrganizationLimitChange, OrganizationMonth
from campaigns.models.plan import (
    Banner,
    Campaign,
    CampaignChange,
    CampaignQuerySet,
    CampaignVersion,
    GroupProduct,
    Moment,
    MomentCost,
    RewardGroup,
)

__all__ = [
    "Banner",
    "BudgetEntry",
    "Campaign",
    "CampaignChange",
    "CampaignMonth",
    "CampaignQuerySet",
    "CampaignVersion",
    "ClaimLimits",
    "GroupProduct",
    "Moment",
    "MomentCost",
    "OrganizationLimitChange",
    "OrganizationMonth",
    "Payment",
    "PaymentMethod",
    "RewardGroup",
    "Statement",
    "StatementLine",
]
