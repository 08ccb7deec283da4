"""Bodies and answers of the calls about rewards."""

import enum
import hashlib
import json
import uuid
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import AfterValidator, BeforeValidator, StrictBool

from accounts.api_keys.authentication import Caller
from api.compatible.routes import device_of
from api.v1.shapes import Address, Strict, instant, instant_or_none, refuse_bad_id, refuse_unstorable, uuid_or_none
from moments.i18n.languages import locale_hint
from moments.money import as_text
from rewards.issuing import email_status, listing
from rewards.issuing.developer_view import DeveloperReward
from rewards.issuing.service import IssueRequest, IssueResult

NIL = uuid.UUID(int=0)  # no campaign has it
MOST_METADATA, MOST_NAME, MOST_VALUE = 20, 40, 500


class State(enum.StrEnum):
    ISSUED = listing.ISSUED
    VOIDED = listing.VOIDED
    WINDOW_CLOSED = listing.CLOSED


class EmailState(enum.StrEnum):
    QUEUED = email_status.QUEUED
    SENT = email_status.SENT
    BOUNCED = email_status.BOUNCED


REQUEST: dict[str, Any] = {
    "campaign": "5f0f2b8e-4f0a-4c8e-9a64-0f6f0c1f5f10",
    "moment": "MomentsReward",
    "group": "US",
    "user_id": "user-1041",
    "device_type": "Web",
    "external_id": "order-7312",
    "metadata": {"level": "10"},
}
REWARD: dict[str, Any] = {
    "id": "6b1f3a0e-7b0e-7f5e-8a55-0d2e4b6c8a90",
    "campaign": REQUEST["campaign"],
    "moment": "MomentsReward",
    "group": "US",
    "user_id": "user-1041",
    "status": "issued",
    "url": "https://moments.example.com/r/…",
    "charge": "27.50",
    "currency": "USD",
    "retail_value": "25.00",
    "retail_currency": "USD",
    "issued_at": "2027-05-01T12:00:00Z",
    "expires_at": "2027-07-01T06:59:59Z",
    "voided_at": None,
    "external_id": "order-7312",
    "metadata": {"level": "10"},
    "email": None,
    "test_mode": False,
}


def _bounded(metadata: dict[str, str]) -> dict[str, str]:
    if len(metadata) > MOST_METADATA:
        raise ValueError(f"has {len(metadata)} members; {MOST_METADATA} are allowed")
    for name, value in metadata.items():
        if not 0 < len(name) <= MOST_NAME:
            raise ValueError(f"a name has {len(name)} characters; 1 to {MOST_NAME} are allowed")
        if len(value) > MOST_VALUE:
            raise ValueError(f"“{name}” has {len(value)} characters; {MOST_VALUE} are allowed")
    return metadata


class RewardIn(Strict):
    model_config = {"json_schema_extra": {"example": REQUEST}}

    campaign: str = Field(min_length=1, max_length=64, description="The id of a campaign of your app.")
    moment: str = Field(min_length=1, max_length=60, description="The key of one of its moments.")
    group: str = Field(min_length=1, max_length=60, description="A reward group's key, or its marketplace's code.")
    user_id: str = Field(min_length=1, max_length=128, description="Your own id of the user.")
    device_type: str | None = Field(None, max_length=20, description="Android, iOS, FireOS, or Web (the default).")
    locale: Annotated[str, BeforeValidator(locale_hint)] = Field(
        "", description="The user's language, such as de-DE: of the email. A hint: what is no locale is ignored."
    )
    email: Address | None = Field(
        None, description="Where to email the reward URL if send is true; otherwise it is neither used nor stored."
    )
    send: StrictBool = Field(False, description="True: we email the reward URL to email.")
    external_id: str | None = Field(
        None, min_length=1, max_length=128, description="Your own id of the reward, unique in the campaign."
    )
    metadata: Annotated[dict[str, str], AfterValidator(_bounded)] | None = Field(
        None, description="Up to 20 texts of up to 500 characters by names of up to 40; returned with the reward."
    )


class EmailOut(Schema):
    status: EmailState


class RewardOut(Schema):
    model_config = {"json_schema_extra": {"example": REWARD}}

    id: str | None = Field(description="Null in test mode.")
    campaign: str = Field(description="The campaign's id.")
    moment: str = Field(description="The moment's key.")
    group: str = Field(description="The reward group's key.")
    user_id: str | None = Field(description="Null if the reward was issued without one.")
    status: State = Field(description="window_closed: it can no longer be claimed. Never whether it is redeemed.")
    url: str | None = Field(description="The reward URL. Null if the key that it derives from is gone.")
    charge: str = Field(description="The cost per action. A void does not refund it.")
    currency: str = Field(description="Of the charge.")
    retail_value: str = Field(description="Of the most expensive choice.")
    retail_currency: str = Field(description="Of the retail value.")
    issued_at: str | None = Field(description="RFC 3339; null in test mode.")
    expires_at: str | None = Field(description="RFC 3339. Until then the reward can be claimed.")
    voided_at: str | None = Field(description="RFC 3339.")
    external_id: str | None = Field(description="Your own id of the reward.")
    metadata: dict[str, str] = Field(description="What you sent as metadata.")
    email: EmailOut | None = Field(description="The email that you asked us to send; null if you did not.")
    test_mode: bool = Field(description="True: a preview; nothing was issued, charged, or emailed.")


class RewardsOut(Schema):
    model_config = {"json_schema_extra": {"example": {"data": [REWARD], "next": REWARD["id"]}}}

    data: list[RewardOut] = Field(description="The newest first.")
    next: str | None = Field(description="Send it as cursor for the next page; null on the last.")


class ReasonOut(Schema):
    code: str = Field(description="The code of the refusal.")
    detail: str


class PreviewOut(Schema):
    model_config = {
        "json_schema_extra": {
            "example": {
                "would_issue": False,
                "charge": "27.50",
                "currency": "USD",
                "remaining": 0,
                "reasons": [
                    {
                        "code": "campaign_month_cap_reached",
                        "detail": "The campaign has reached its limit for this month.",
                    }
                ],
            }
        }
    }

    would_issue: bool = Field(description="Whether a reward would be issued; in test mode, a preview.")
    charge: str | None = Field(description="The cost per action; null if the moment or the group is unknown.")
    currency: str = Field(description="Of the charge.")
    remaining: int = Field(description="How many more rewards budget and limits allow now.")
    reasons: list[ReasonOut] = Field(description="Every reason against it; empty if it would be issued.")


def ask_of(body: RewardIn, caller: Caller, *, key: str | None = None) -> IssueRequest:
    """Raises ``RuleViolation`` or ``RefusedCall`` for a body that cannot be meant."""
    metadata = body.metadata or {}
    refuse_bad_id("user_id", body.user_id)
    refuse_unstorable(body.moment, body.group, body.external_id or "", *metadata, *metadata.values())
    return IssueRequest(
        app_id=caller.app_id,
        campaign_id=uuid_or_none(body.campaign) or NIL,
        moment=body.moment,
        group=body.group,
        device_type=device_of(body.device_type) if body.device_type else listing.Device.WEB,
        source=listing.Source.API,
        app_user_id=body.user_id,
        idempotency_key=key,
        fingerprint=fingerprint(body),
        locale=body.locale,
        is_live=caller.is_live,
        external_id=body.external_id,
        metadata=metadata or None,
    )


def fingerprint(body: RewardIn) -> str:
    """Return a digest of the request without the locale, which is only a hint."""
    return hashlib.sha256(json.dumps(body.model_dump(exclude={"locale"}), sort_keys=True).encode()).hexdigest()


def shown(reward: DeveloperReward) -> RewardOut:
    return RewardOut(
        id=str(reward.id),
        campaign=str(reward.campaign_id),
        moment=reward.moment,
        group=reward.group,
        user_id=reward.app_user_id,
        status=State(reward.state),
        url=reward.url,
        charge=as_text(reward.charge_cents, "USD"),
        currency="USD",
        retail_value=as_text(reward.retail_value_cents, reward.currency),
        retail_currency=reward.currency,
        issued_at=instant(reward.issued_at),
        expires_at=instant_or_none(reward.expires_at),
        voided_at=instant_or_none(reward.voided_at),
        external_id=reward.external_id,
        metadata=reward.metadata,
        email=EmailOut(status=EmailState(reward.email)) if reward.email else None,
        test_mode=False,
    )


def shown_preview(body: RewardIn, issued: IssueResult) -> RewardOut:
    """The campaign's preview: what a reward would look like."""
    return RewardOut(
        id=None,
        campaign=str(uuid_or_none(body.campaign)),
        moment=body.moment,
        group=body.group,
        user_id=body.user_id,
        status=State.ISSUED,
        url=issued.url,
        charge=as_text(issued.charge_cents, "USD"),
        currency="USD",
        retail_value=as_text(issued.retail_value_cents, issued.currency),
        retail_currency=issued.currency,
        issued_at=None,
        expires_at=instant_or_none(issued.expires_at),
        voided_at=None,
        external_id=body.external_id,
        metadata=body.metadata or {},
        email=None,
        test_mode=True,
    )
