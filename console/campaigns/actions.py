"""Actions on campaigns by status."""

from django.utils.translation import gettext_lazy as _

from campaigns.approval import transitions
from campaigns.budget.holds import release_brake
from campaigns.models import Campaign
from campaigns.setup import archive

Status = Campaign.Status

# Label and service of each action.
ACTIONS = {
    "submit": (_("Submit for approval"), transitions.submit_for_approval),
    "withdraw": (_("Withdraw"), transitions.withdraw_campaign),
    "reopen": (_("Reopen for editing"), transitions.reopen_for_editing),
    "go-live": (_("Go live"), transitions.go_live),
    "take-down": (_("Take down"), transitions.take_down),
    "resume": (_("Resume"), transitions.resume),
    "finish": (_("Finish"), transitions.finish),
    "release": (_("Release"), release_brake),
    "archive": (_("Archive"), archive.archive_campaign),
    "unarchive": (_("Bring back"), archive.unarchive_campaign),
}
POSSIBLE = {
    Status.DRAFT: ["submit", "archive"],
    Status.REJECTED: ["submit"],
    Status.PENDING: ["withdraw"],
    Status.APPROVED: ["go-live", "take-down", "reopen"],
    Status.LIVE: ["take-down", "finish"],
    Status.SUSPENDED: ["resume", "finish"],
    Status.FINISHED: ["archive"],
}
# Consequences shown on the confirmation page.
NEEDS_CONFIRMATION = {
    "go-live": _("Your server's calls issue real rewards from then on."),
    "finish": _("No more rewards are issued, for good. What was issued stays good until it expires."),
    "take-down": _("Nothing is issued until you resume. What was issued stays good."),
    "release": _("It goes on issuing as fast as your server asks, inside its budget and limits."),
    "reopen": _("It becomes a draft and needs approval again before it can go live."),
    "archive": _("It leaves your lists and the home page. Nothing of it is lost; you can bring it back at any time."),
}


def actions_of(campaign: Campaign) -> list[tuple[str, str, bool]]:
    """Return (name, label, needs confirmation) of the possible actions, the main one first."""
    released = ["release"] if campaign.held_because == Campaign.Held.BRAKE else []
    possible = ["unarchive"] if campaign.archived_at else released + POSSIBLE[Status(campaign.status)]
    return [(name, str(ACTIONS[name][0]), name in NEEDS_CONFIRMATION) for name in possible]
