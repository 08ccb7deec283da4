"""From answered calls to rows of the log."""

import datetime as dt
import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

from accounts.api_keys.authentication import Caller
from accounts.models import ApiKey
from api.call_log.masking import mask_text, masked_body
from api.models import ApiCall
from moments import clock

MAX_READ = 16 * 1024  # bytes of a body that are looked at
REWARDS = "/api/v1/rewards"  # calls whose answer is a reward
HINT = 12  # characters of a key that are stored


@dataclass
class CallRecord:
    """An answered call. ``answered`` is the reading of ``time.monotonic``; ``caller`` is None if no key was accepted,
    and then ``presented`` is how the key begins that came with the call.
    """

    answered: float
    seconds: float
    method: str
    path: str
    status: int
    request_id: str
    user_in_path: str
    caller: Caller | None
    presented: str
    refusal: str
    request_body: bytes
    request_size: int
    response_body: bytes
    response_size: int
    repeats: int = 0


@dataclass(frozen=True)
class Owner:
    """The app of a key, and what the log needs of both."""

    app_id: uuid.UUID
    organization_id: int
    hint: str
    is_live: bool


def write_calls(records: list[CallRecord]) -> int:
    """Write the calls of known apps that keep a log. Returns the number of rows."""
    owners, now, read = owners_of(records), clock.now(), time.monotonic()
    rows = []
    for record in records:
        owner = owners.get(record.caller.key_id if record.caller else record.presented)
        if owner:
            rows.append(row_of(record, owner, now - dt.timedelta(seconds=read - record.answered + record.seconds)))
    ApiCall.objects.bulk_create(rows)
    return len(rows)


def owners_of(records: list[CallRecord]) -> dict[object, Owner]:
    """Return owners by the id of an accepted key, and by the beginning of a refused one if a single key begins so."""
    accepted = {record.caller.key_id for record in records if record.caller}
    refused = {record.presented for record in records if not record.caller and record.presented}
    keys = ApiKey.objects.filter(app__logs_calls=True).values_list(
        "pk", "hint", "mode", "app_id", "app__organization_id"
    )
    found: dict[object, Owner] = {}
    for pk, hint, mode, app_id, organization_id in keys.filter(pk__in=accepted):
        found[pk] = Owner(app_id, organization_id, hint, mode == ApiKey.Mode.LIVE)
    if refused:
        alike = list(ApiKey.objects.filter(hint__in=refused).values_list("hint", flat=True))
        single = [hint for hint, count in Counter(alike).items() if count == 1]
        for _pk, hint, mode, app_id, organization_id in keys.filter(hint__in=single):
            found[hint] = Owner(app_id, organization_id, hint, mode == ApiKey.Mode.LIVE)
    return found


def row_of(record: CallRecord, owner: Owner, at: dt.datetime) -> ApiCall:
    """Bodies are those of accepted keys alone; whoever only knows how a key begins stores nothing of their own."""
    asked, answered = members_of(record.request_body), members_of(record.response_body)
    path = mask_text(record.path)[:300]
    is_known = record.caller is not None
    return ApiCall(
        organization_id=owner.organization_id,
        app_id=owner.app_id,
        occurred_at=at,
        key_hint=owner.hint,
        is_live=owner.is_live,
        method=record.method[:8],
        path=path,
        status=record.status,
        code=code_of(record, answered)[:60],
        milliseconds=round(record.seconds * 1000),
        repeats=max(record.repeats, 1),
        request_id=record.request_id,
        campaign_id=_uuid(asked.get("campaignId") or asked.get("campaign")) if is_known else None,
        reward_id=_uuid(reward_of(record, answered)) if is_known else None,
        app_user_id=mask_text(user_of(record, asked))[:128] if is_known else "",
        request_body=masked_body(record.request_body, record.request_size) if is_known else "",
        response_body=masked_body(record.response_body, record.response_size) if is_known else "",
    )


def reward_of(record: CallRecord, answered: dict[str, Any]) -> object:
    """The reward that a call issued, looked at, or voided, by the name that it has in the answer."""
    is_reward = record.path.startswith(REWARDS) and record.status < 400
    return answered.get("rewardId") or answered.get("reward_id") or (answered.get("id") if is_reward else None)


def code_of(record: CallRecord, answered: dict[str, Any]) -> str:
    """The code in the answer, else that of the gateway, whose answers hold none."""
    code = answered.get("code") or answered.get("errorCode")
    if isinstance(code, str) and record.status >= 400:
        return code
    gateway = {"no_key": "key_revoked"}
    return gateway.get(record.refusal, record.refusal) if record.status >= 400 else ""


def user_of(record: CallRecord, asked: dict[str, Any]) -> str:
    """The app's own id of the user, in the path or the body."""
    user = record.user_in_path or asked.get("userId") or asked.get("user_id")
    return user.replace("\x00", "\ufffd") if isinstance(user, str) else ""


def members_of(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _uuid(value: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
