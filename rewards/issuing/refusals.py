"""Refusal codes of the API, each with an HTTP status and a sentence."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from moments.errors import RuleViolation
from rewards.issuing.outcomes import IssueOutcome as Outcome

REFUSALS: dict[str, tuple[int, str]] = {
    "unknown_app": (404, gettext_noop("There is no app with this appId under your key.")),
    Outcome.UNKNOWN_CAMPAIGN: (404, gettext_noop("There is no campaign with this campaignId in your app.")),
    Outcome.UNKNOWN_MOMENT: (404, gettext_noop("The campaign has no moment with the key “%(moment)s”.")),
    Outcome.UNKNOWN_REWARD_GROUP: (404, gettext_noop("The campaign has no reward group “%(group)s”.")),
    "unknown_device_type": (400, gettext_noop("deviceType is “%(device)s”; it is one of Android, iOS, FireOS, Web.")),
    Outcome.CAMPAIGN_NOT_APPROVED: (
        409,
        gettext_noop("The campaign has not been approved yet, so it issues nothing."),
    ),
    Outcome.CAMPAIGN_NOT_STARTED: (409, gettext_noop("The campaign has not started yet.")),
    Outcome.CAMPAIGN_FINISHED: (409, gettext_noop("The campaign has finished.")),
    Outcome.CAMPAIGN_SUSPENDED: (409, gettext_noop("The campaign was taken down; resume it to issue rewards.")),
    Outcome.CAMPAIGN_BUDGET_EXHAUSTED: (
        409,
        gettext_noop("What is left of the campaign's budget is less than one CPA."),
    ),
    Outcome.CAMPAIGN_MONTH_CAP_REACHED: (409, gettext_noop("The campaign has reached its limit for this month.")),
    Outcome.ORGANIZATION_MONTH_CAP_REACHED: (
        409,
        gettext_noop("Your organization has reached its limit for this month."),
    ),
    Outcome.USER_LIMIT_REACHED: (
        409,
        gettext_noop("This user has had as many rewards of this moment as one user may have."),
    ),
    Outcome.ORGANIZATION_SUSPENDED: (403, gettext_noop("Your organization is suspended; contact us.")),
    "country_not_served": (409, gettext_noop("Rewards are not delivered to this country.")),
    Outcome.HELD_FOR_REVIEW: (
        409,
        gettext_noop("The campaign is held for review until a person has released it."),
    ),
    Outcome.EXTERNAL_ID_REUSED: (
        409,
        gettext_noop("Another reward of the campaign has this external_id."),
    ),
    Outcome.IDEMPOTENCY_KEY_REUSED: (
        422,
        gettext_noop("This idempotency key was used before, with another request."),
    ),
    "invalid_request": (400, gettext_noop("This request could not be read.")),
}


class HeldForReview(RuleViolation):
    """Raised if the campaign is on hold. The same request can succeed after it is released."""


class RefusedAlone(RuleViolation):
    """Raised if only this reward is refused; others of the moment and reward group can be issued."""


KINDS: dict[str, type[RuleViolation]] = {
    Outcome.HELD_FOR_REVIEW: HeldForReview,
    Outcome.USER_LIMIT_REACHED: RefusedAlone,
    Outcome.EXTERNAL_ID_REUSED: RefusedAlone,
    Outcome.IDEMPOTENCY_KEY_REUSED: RefusedAlone,
    Outcome.UNKNOWN_REWARD_GROUP: RefusedAlone,
    "country_not_served": RefusedAlone,
}


def refusal(code: str, *, ask: Any = None) -> RuleViolation:
    """Return the exception for ``code``, with values of ``ask`` in its sentence."""
    values = {"moment": getattr(ask, "moment", ""), "group": getattr(ask, "group", "")}
    values["device"] = getattr(ask, "device_type", "")
    kind = KINDS.get(code, RuleViolation)
    return kind(str(code), _(REFUSALS[code][1]) % values)


def http_status(code: str) -> int:
    return REFUSALS.get(code, (409, ""))[0]
