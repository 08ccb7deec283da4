"""The events that organizations are told about their campaigns, budgets and statements."""

from moments.registry import events

STATUSES = ("draft", "pending", "approved", "live", "finished", "rejected", "suspended")

events.add(
    *(f"campaign.{status}" for status in STATUSES),
    *("campaign.held", "campaign.released", "campaign.window_closed"),
    *("budget.threshold", "statement.ready"),
)(__name__)
