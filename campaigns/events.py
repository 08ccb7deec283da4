"""The events about campaigns, budgets and statements that organizations receive."""

from moments.registry import events

STATUSES = ("draft", "pending", "approved", "live", "finished", "rejected", "suspended")

events.add(
    *(f"campaign.{status}" for status in STATUSES),
    *("campaign.held", "campaign.released", "campaign.window_closed"),
    *("budget.threshold", "statement.ready"),
)(__name__)
