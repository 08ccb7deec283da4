"""Test calls from the console, handled like those with a test key: nothing is issued or charged."""

import datetime as dt
import http
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from accounts.api_keys.authentication import Caller
from accounts.models import ApiKey
from api.compatible.routes import MAGIC_PREFIX, rehearse
from campaigns.models import Campaign
from rewards.issuing.outcomes import IssueOutcome
from rewards.issuing.refusals import REFUSALS

# Refusals that a test key can force with the user id.
FORCED = [code for code in REFUSALS if code not in {"invalid_request", IssueOutcome.IDEMPOTENCY_KEY_REUSED}]


@dataclass(frozen=True)
class TestCall:
    """A call with its request and response as text."""

    request: str
    response: str
    status: int
    reason: str
    url: str


def try_call(
    campaign: Campaign, *, call: str, members: dict[str, str], refuse_with: str = "", now: dt.datetime
) -> TestCall:
    """Make a test call. ``members`` are the other members of the body; empty ones are omitted. ``refuse_with`` forces a
    refusal with this code.
    """
    given = {**members, "userId": f"{MAGIC_PREFIX}{refuse_with}"} if refuse_with else members
    body = {"appId": str(campaign.app_id), "campaignId": str(campaign.pk)}
    body |= {name: value for name, value in given.items() if value}
    text = json.dumps(body, indent=2, ensure_ascii=False)
    answer = rehearse(call, text.encode(), caller_of(campaign, now))
    found = json.loads(answer.content)
    headers = "".join(f"{name}: {value}\n" for name, value in answer.items())
    reason = http.HTTPStatus(answer.status_code).phrase
    shown = json.dumps(found, indent=2, ensure_ascii=False)
    return TestCall(
        request=f"POST /prod/{call} HTTP/1.1\nHost: {urlsplit(settings.BASE_URL).netloc}\n"
        f"x-api-key: $MOMENTS_KEY\nContent-Type: application/json\n\n{text}",
        response=f"HTTP/1.1 {answer.status_code} {reason}\n{headers}\n{shown}",
        status=answer.status_code,
        reason=reason,
        url=found.get("rewardNotificationUrl") or "" if isinstance(found, dict) else "",
    )


def caller_of(campaign: Campaign, now: dt.datetime) -> Caller:
    """Return a caller like a test key of the campaign's app, with a separate rate limit."""
    app = campaign.app
    return Caller(
        key_id=f"console:{app.pk}",
        mode=ApiKey.Mode.TEST,
        last_used_at=None,
        at=now,
        app_id=app.pk,
        ip_allowlist=[],
        rate_per_second=app.rate_per_second,
        legacy_missing_reward=app.legacy_missing_reward,
    )
