"""Outcomes of ``moments_issue_reward``. ``rewards/database.sql`` returns the same values."""

import enum


class IssueOutcome(enum.StrEnum):
    """The outcome of a call. All but the first three are refusals, with the codes that the API documents."""

    ISSUED = "issued"
    REPLAY = "replay"
    PREVIEW = "preview"

    UNKNOWN_CAMPAIGN = "unknown_campaign"
    UNKNOWN_MOMENT = "unknown_moment"
    UNKNOWN_REWARD_GROUP = "unknown_reward_group"
    CAMPAIGN_NOT_APPROVED = "campaign_not_approved"
    CAMPAIGN_NOT_STARTED = "campaign_not_started"
    CAMPAIGN_FINISHED = "campaign_finished"
    CAMPAIGN_SUSPENDED = "campaign_suspended"
    CAMPAIGN_BUDGET_EXHAUSTED = "campaign_budget_exhausted"
    CAMPAIGN_MONTH_CAP_REACHED = "campaign_month_cap_reached"
    ORGANIZATION_MONTH_CAP_REACHED = "organization_month_cap_reached"
    ORGANIZATION_SUSPENDED = "organization_suspended"
    USER_LIMIT_REACHED = "user_limit_reached"
    EXTERNAL_ID_REUSED = "external_id_reused"
    HELD_FOR_REVIEW = "held_for_review"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"


SUCCEEDED = frozenset({IssueOutcome.ISSUED, IssueOutcome.REPLAY, IssueOutcome.PREVIEW})
