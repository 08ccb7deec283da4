"""Amazon-compatible API: Amazon Moments' Rewards API with our extensions."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Annotated

from django.http import HttpRequest, JsonResponse
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from accounts.api_keys.authentication import Caller
from api.gateway import Admission, admit, count_call
from campaigns.budget.spending import remaining_count
from campaigns.setup.translations import announcement_of
from moments.errors import RuleViolation
from moments.i18n.languages import locale_hint, nearest_language
from moments.money import as_text
from moments.registry import absolute_url, terms_url
from moments.web import strict_json
from rewards.issuing.outcomes import IssueOutcome
from rewards.issuing.preflight import preflight_reward
from rewards.issuing.refusals import REFUSALS, http_status, refusal
from rewards.issuing.service import IssueRequest, IssueResult, issue_reward

DEVICES = {"android": "Android", "ios": "iOS", "fireos": "FireOS", "web": "Web"}
MAGIC_PREFIX = "moments-test-"
MISSING = {"unknown_app", IssueOutcome.UNKNOWN_CAMPAIGN, IssueOutcome.UNKNOWN_MOMENT, IssueOutcome.UNKNOWN_REWARD_GROUP}


class RewardRequest(BaseModel):
    """The body of both calls."""

    # Names as in the original API.
    appId: str = Field(max_length=64, description="The app that the key belongs to.")  # noqa: N815
    campaignId: str = Field(max_length=64, description="One of the app's campaigns.")  # noqa: N815
    momentId: str = Field(max_length=60, description="The key of one of its moments.")  # noqa: N815
    rewardGroupId: str = Field(  # noqa: N815
        max_length=60, description="The marketplace's code, US for instance, or the reward group's own key."
    )
    deviceType: str = Field(max_length=20, description="Android, iOS, FireOS or Web.")  # noqa: N815
    userId: str | None = Field(  # noqa: N815
        None,
        max_length=128,
        description="Your own id of the user. Where one reward each is the limit, a repeat with "
        "the same id gets the first reward again.",
    )
    idempotencyKey: str | None = Field(  # noqa: N815
        None, max_length=255, description="Makes a repeat harmless. The Idempotency-Key header does the same."
    )
    locale: Annotated[str, BeforeValidator(locale_hint)] = Field(
        "", description="The user's language, de-DE for instance. A hint: what is no locale is ignored."
    )


class RewardAnswer(BaseModel):
    """The answer of both calls. ``rewardNotificationUrl`` is null from GetRewardInfo."""

    rewardNotificationText: str = Field(description="What to show: announcement or redemption message.")  # noqa: N815
    rewardNotificationUrl: str | None = Field(description="The reward URL. Whoever opens it first can claim.")  # noqa: N815
    rewardImageUrl: str | None = Field(  # noqa: N815
        description="The picture of the product where the reward group has only one, otherwise the banner (3000 × 600)."
    )
    remainingRewardCount: int = Field(description="How many more budget and limits allow now.")  # noqa: N815
    campaignEndDate: str | None = Field(description="RFC 3339.")  # noqa: N815
    rewardId: str | None = Field(description="To find it again in the console; null in test mode.")  # noqa: N815
    rewardExpiresAt: str | None = Field(description="RFC 3339. Until then it can be claimed and ordered with.")  # noqa: N815
    retailValue: str = Field(description="What the dearest choice is worth.")  # noqa: N815
    currency: str = Field(description="Of the retail value.")
    termsUrl: str | None = Field(  # noqa: N815
        None,
        description="From GetRewardInfo: the page with terms, start and end. Null for a surprise.",
    )
    testMode: bool = Field(description="True: a preview; nothing was issued or charged.")  # noqa: N815


class RefusalAnswer(BaseModel):
    """Any refusal: the reason in words, and a stable code."""

    rewardNotificationText: str = Field(description="The reason, in words.")  # noqa: N815
    errorCode: str = Field(description="A stable code.")  # noqa: N815


Call = Callable[[RewardRequest, Caller, HttpRequest], RewardAnswer]


def answer(request: HttpRequest, path: str) -> JsonResponse:
    """Handle all requests below ``/prod/``."""
    act = CALLS.get(path.lower() if path[1:] in SPELLED else "")
    if act is None or request.method != "POST":
        return JsonResponse({"message": "Missing Authentication Token"}, status=403)
    return answer_entry(request, admit(request, request.headers.get("x-api-key", "")), act)


def answer_entry(request: HttpRequest, entry: Admission, act: Call) -> JsonResponse:
    """Return the response for an admitted call, or the error if the caller was refused."""
    if entry.caller is None:
        limited = entry.refused == "rate_limited"
        message, status = ("Too Many Requests", 429) if limited else ("Forbidden", 403)
        response = JsonResponse({"message": message}, status=status)
    else:
        response = _answer_caller(request, entry.caller, act)
    for name, value in (entry.allowance.headers if entry.allowance else {}).items():
        response[name] = value
    return response


SPELLED = {"etReward", "etRewardInfo"}


def _answer_caller(request: HttpRequest, caller: Caller, act: Call) -> JsonResponse:
    try:
        return JsonResponse(act(_read(request), caller, request).model_dump())
    except RuleViolation as refused:
        if refused.code in MISSING and caller.legacy_missing_reward:
            return JsonResponse([], safe=False)
        body = RefusalAnswer(rewardNotificationText=refused.message, errorCode=_stable(refused.code))
        return JsonResponse(body.model_dump(), status=http_status(refused.code))


def _stable(code: str) -> str:
    return "invalid_request" if code == IssueOutcome.IDEMPOTENCY_KEY_REUSED else code


def _read(request: HttpRequest) -> RewardRequest:
    """Parse the body. Raises ``RuleViolation`` with the name of the invalid member."""
    try:
        body = strict_json.read(request.body)
        return RewardRequest.model_validate(body, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "The body"
        raise RuleViolation("invalid_request", f"{name}: {first['msg']}.") from None
    except (ValueError, RecursionError):
        raise RuleViolation("invalid_request", "The body is not JSON in UTF-8, or names a member twice.") from None


def _ask(body: RewardRequest, caller: Caller, request: HttpRequest) -> IssueRequest:
    for name, value in body.model_dump().items():
        if value is not None and not is_storable(value):
            raise RuleViolation("invalid_request", f"{name} holds a character that cannot be stored.")
    if body.userId is not None and not body.userId.strip():
        raise RuleViolation("invalid_request", "userId is empty; leave it out or send your own id of the user.")
    if _uuid(body.appId) != caller.app_id:
        raise refusal("unknown_app")
    campaign_id = _uuid(body.campaignId)
    if campaign_id is None:
        raise refusal(IssueOutcome.UNKNOWN_CAMPAIGN)
    return IssueRequest(
        app_id=caller.app_id,
        campaign_id=campaign_id,
        moment=body.momentId,
        group=body.rewardGroupId,
        device_type=device_of(body.deviceType),
        source="api",
        app_user_id=body.userId,
        idempotency_key=idempotency_key(body, request),
        fingerprint=fingerprint(body),
        locale=body.locale,
        is_live=caller.is_live,
    )


def device_of(text: str) -> str:
    """Return the device type. Letter case, spaces, and underscores do not matter."""
    device = DEVICES.get(text.lower().replace(" ", "").replace("_", ""))
    if device is None:
        raise RuleViolation("unknown_device_type", REFUSALS["unknown_device_type"][1] % {"device": text})
    return device


def is_storable(text: str) -> bool:
    """Return whether PostgreSQL can store the text: no NUL and no surrogates."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def idempotency_key(body: RewardRequest, request: HttpRequest) -> str | None:
    """Return the key from the body or header, or None. Raises ``RuleViolation`` if it is blank or both differ."""
    header = request.headers.get("Idempotency-Key")
    given = {key for key in (body.idempotencyKey, header) if key is not None}
    if any(not key.strip() for key in given):
        raise RuleViolation("invalid_request", "The idempotency key is empty; leave it out or send one.")
    if len(given) > 1:
        raise RuleViolation("invalid_request", "Idempotency-Key and idempotencyKey differ; send one of them.")
    found = next(iter(given), None)
    if found and len(found) > 255:
        message = f"The idempotency key has {len(found)} characters; 255 are allowed."
        raise RuleViolation("invalid_request", message)
    if found and not is_storable(found):
        raise RuleViolation("invalid_request", "The idempotency key holds a character that cannot be stored.")
    return found


def fingerprint(body: RewardRequest) -> str:
    """Return a digest of the request without its key and without the locale, which is only a hint."""
    asked = body.model_dump(exclude={"idempotencyKey", "locale"})
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def force_refusal(ask: IssueRequest) -> None:
    """Raise the refusal CODE if a test key sends ``moments-test-CODE`` as userId."""
    code = (ask.app_user_id or "").removeprefix(MAGIC_PREFIX)
    if not ask.is_live and ask.app_user_id == MAGIC_PREFIX + code and code in REFUSALS:
        raise refusal(code, ask=ask)


def _issue(body: RewardRequest, caller: Caller, request: HttpRequest) -> RewardAnswer:
    ask = _ask(body, caller, request)
    force_refusal(ask)
    return _as_answer(issue_reward(ask))


def _image_url(name: str | None) -> str | None:
    return absolute_url(f"/media/{name}") if name else None


def _as_answer(issued: IssueResult) -> RewardAnswer:
    return RewardAnswer(
        rewardNotificationText=issued.message,
        rewardNotificationUrl=issued.url,
        rewardImageUrl=_image_url(issued.image),
        remainingRewardCount=issued.remaining_count,
        campaignEndDate=_instant(issued.ends_at),
        rewardId=str(issued.reward_id) if issued.reward_id else None,
        rewardExpiresAt=_instant(issued.expires_at),
        retailValue=as_text(issued.retail_value_cents, issued.currency),
        currency=issued.currency,
        termsUrl=None,
        testMode=issued.is_preview,
    )


def _get_reward_info(body: RewardRequest, caller: Caller, request: HttpRequest) -> RewardAnswer:
    ask = _ask(body, caller, request)
    force_refusal(ask)
    now = caller.at
    found = preflight_reward(ask, now=now)
    campaign = found.campaign
    return RewardAnswer(
        rewardNotificationText=announcement_of(campaign, nearest_language(ask.locale)),
        rewardNotificationUrl=None,
        rewardImageUrl=_image_url(found.image),
        remainingRewardCount=remaining_count(campaign, found.cost_cents, now=now),
        campaignEndDate=_instant(campaign.ends_at),
        rewardId=None,
        rewardExpiresAt=_instant(found.expires_at),
        retailValue=as_text(found.retail_value_cents, found.group.marketplace.currency),
        currency=found.group.marketplace.currency,
        termsUrl=terms_url(campaign) if campaign.is_announced else None,
        testMode=found.is_preview,
    )


CALLS = {"getrewardinfo": _get_reward_info, "getreward": _issue}


def rehearse(name: str, body: bytes, caller: Caller) -> JsonResponse:
    """Return the response that ``caller`` would get over HTTP, from the same code. Used by the console with a test
    caller.
    """
    request = HttpRequest()
    request.method, request.path, request._body = "POST", f"/prod/{name}", body
    return answer_entry(request, count_call(caller), CALLS[name.lower()])


def _instant(at: dt.datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
