"""The events about campaigns, budgets and statements that organizations receive."""

from django.utils.translation import gettext_lazy as _

from moments.registry import events

STATUSES = {
    "draft": _("A campaign is a draft again, such as after a submission was withdrawn."),
    "pending": _("A campaign was submitted for approval."),
    "approved": _("A campaign was approved and is in test mode."),
    "live": _("A campaign went live, or was resumed."),
    "finished": _("A campaign has ended and issues no more rewards."),
    "rejected": _("A campaign was rejected."),
    "suspended": _("A campaign was suspended and issues no rewards until it is resumed."),
}

for status, sentence in STATUSES.items():
    events.add(f"campaign.{status}")(sentence)
events.add("campaign.held")(_("A campaign is held for review and issues no rewards until it is released."))
events.add("campaign.released")(_("A campaign that was held issues rewards again."))
events.add("campaign.window_closed")(_("The rewards of a campaign have expired."))
events.add("budget.threshold")(_("A campaign has spent 50, 80, or 100 % of a budget or monthly limit."))
events.add("statement.ready")(_("A monthly statement is ready."))
