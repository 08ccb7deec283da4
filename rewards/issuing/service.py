"""Issuing of rewards. The API, points and the console all use these functions."""

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction
from psycopg.types.json import Jsonb

from accounts.models import User
from accounts.organizations.audit import AuditEvent, record
from campaigns.approval.expiry import rewards_expire_at
from campaigns.models import Campaign, RewardGroup
from campaigns.setup.cpa import retail_value
from moments import clock
from moments.errors import RuleViolation
from moments.ids import uuid7
from moments.registry import reward_url
from outbox.service import queue_mail
from rewards.issuing.outcomes import SUCCEEDED, IssueOutcome
from rewards.issuing.refusals import refusal
from rewards.issuing.tokens import known_token, newest_version, preview_token, token_digest, token_for
from rewards.models import Reward

CALL = """
SELECT * FROM moments_issue_reward(
    p_id => %(id)s,
    p_token_digest => %(token_digest)s,
    p_token_version => %(token_version)s,
    p_app => %(app)s,
    p_campaign => %(campaign)s,
    p_moment => %(moment)s,
    p_group => %(group)s,
    p_device => %(device)s,
    p_user => %(user)s,
    p_key => %(key)s,
    p_fingerprint => %(fingerprint)s,
    p_locale => %(locale)s,
    p_source => %(source)s,
    p_is_live => %(is_live)s,
    p_external_id => %(external_id)s,
    p_metadata => %(metadata)s,
    p_is_emailed => %(is_emailed)s,
    p_shift => %(shift)s)
"""
REFUSED_BY_A_CAP = "MR001"
OF_TOKEN = ("token_key_version", "token_digest")


@dataclass(frozen=True)
class IssueRequest:
    """A request for a reward. ``moment`` and ``group`` are keys; ``group`` can also be a marketplace code."""

    app_id: uuid.UUID
    campaign_id: uuid.UUID
    moment: str
    group: str
    device_type: str
    source: str
    app_user_id: str | None = None
    idempotency_key: str | None = None
    fingerprint: str = ""
    locale: str = ""
    is_live: bool = True
    external_id: str | None = None
    metadata: dict[str, str] | None = None
    is_emailed: bool = False


@dataclass(frozen=True)
class IssueResult:
    """An issued or repeated reward.

    The fields are the columns of ``moments_issue_reward``, plus ``url``. The charge is in US cents, credit and retail
    value in minor units of ``currency``; ``reward_id`` is None for a preview.
    """

    outcome: IssueOutcome
    reward_id: uuid.UUID | None
    token_version: int | None
    charge_cents: int
    credit_cents: int
    currency: str
    remaining_count: int
    ends_at: dt.datetime | None
    expires_at: dt.datetime | None
    message: str
    image: str | None
    retail_value_cents: int
    url: str = ""

    @property
    def is_preview(self) -> bool:
        return self.outcome == IssueOutcome.PREVIEW

    @property
    def is_replay(self) -> bool:
        """Return whether the reward was issued before, so that nothing was charged or emailed."""
        return self.outcome == IssueOutcome.REPLAY


def issue_reward(ask: IssueRequest, *, shift: dt.timedelta = dt.timedelta(0)) -> IssueResult:
    """Issue and charge one reward in a single database call. A repeated request returns the first reward without a
    charge.

    Returns a preview if the campaign is approved but not live, or if ``is_live`` is False. Raises ``RuleViolation``
    with a refusal code of the API, without any change.
    """
    refuse_empty(ask)
    reward_id, version = uuid7(), newest_version()
    issued = _call(ask, reward_id, version, shift)
    if issued.is_preview:
        return _as_preview(issued, ask)
    if issued.outcome not in SUCCEEDED:
        raise refusal(issued.outcome, ask=ask)
    assert issued.reward_id and issued.token_version  # noqa: S101 - for the type checker; SQL fills both
    if issued.is_replay:
        return replace(issued, url=reward_link(Reward.objects.only(*OF_TOKEN).get(pk=issued.reward_id)))
    return replace(issued, url=reward_url(token_for(issued.reward_id, issued.token_version)))


def refuse_empty(ask: IssueRequest) -> None:
    """Raise ``RuleViolation`` if the user id, idempotency key, or external id is empty, which would be shared by
    unrelated requests.
    """
    ids = (("user id", ask.app_user_id), ("idempotency key", ask.idempotency_key), ("external id", ask.external_id))
    for name, text in ids:
        if text is not None and not text.strip():
            raise RuleViolation("invalid_request", f"The {name} is empty; leave it out or send at least one character.")


def _as_preview(issued: IssueResult, ask: IssueRequest) -> IssueResult:
    """Add the retail value and expiry, which are computed the same way in every state of the campaign."""
    groups = RewardGroup.objects.select_related("campaign", "marketplace").filter(campaign=ask.campaign_id)
    group = groups.filter(key=ask.group).first() or groups.get(marketplace=ask.group)
    moment = group.campaign.moments.get(key=ask.moment)
    return replace(
        issued,
        url=reward_url(preview_token(group.campaign)),
        retail_value_cents=retail_value(group, moment, now=clock.now()),
        expires_at=rewards_expire_at(group.campaign),
    )


def _call(ask: IssueRequest, reward_id: uuid.UUID, version: int, shift: dt.timedelta) -> IssueResult:
    """Call the database function and return its row."""
    arguments: dict[str, Any] = {
        "id": reward_id,
        "token_digest": token_digest(token_for(reward_id, version)),
        "token_version": version,
        "app": ask.app_id,
        "campaign": ask.campaign_id,
        "moment": ask.moment,
        "group": ask.group,
        "device": ask.device_type,
        "user": ask.app_user_id,
        "key": ask.idempotency_key,
        "fingerprint": ask.fingerprint,
        "locale": ask.locale,
        "source": ask.source,
        "is_live": ask.is_live,
        "external_id": ask.external_id,
        "metadata": Jsonb(ask.metadata) if ask.metadata else None,
        "is_emailed": ask.is_emailed,
        "shift": shift,
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(CALL, arguments)
            columns = [column.name for column in cursor.description]
            found = dict(zip(columns, cursor.fetchone(), strict=True))
    except DatabaseError as error:
        cause = error.__cause__
        if isinstance(cause, psycopg.Error) and cause.sqlstate == REFUSED_BY_A_CAP:
            raise refusal(IssueOutcome(cause.diag.message_primary or ""), ask=ask) from None
        raise
    return IssueResult(**{**found, "outcome": IssueOutcome(found["outcome"])})


def issue_and_mail(
    ask: IssueRequest, *, to_email: str, now: dt.datetime, shift: dt.timedelta = dt.timedelta(0)
) -> IssueResult:
    """Issue a reward and queue the email with its URL in one transaction. A repeated request sends no email."""
    with transaction.atomic():
        issued = issue_reward(replace(ask, is_emailed=True), shift=shift)
        if issued.outcome == IssueOutcome.ISSUED and issued.reward_id:
            queue_reward_mail(issued.reward_id, to_email=to_email, language=ask.locale, now=now)
    return issued


def send_reward(ask: IssueRequest, *, campaign: Campaign, to_email: str, by: User, now: dt.datetime) -> IssueResult:
    """Issue and email a reward on behalf of a member, and record it in the organization's audit log."""
    with transaction.atomic():
        issued = issue_and_mail(ask, to_email=to_email, now=now)
        if issued.outcome == IssueOutcome.ISSUED:
            about = f"{campaign.name}: {issued.reward_id}"
            record(campaign.organization, AuditEvent.REWARD_SENT, about, by=by, now=now)
    return issued


def queue_reward_mail(reward_id: uuid.UUID, *, to_email: str, language: str, now: dt.datetime) -> None:
    queue_mail(
        "reward_issued",
        to_email=to_email,
        context={"reward": str(reward_id)},
        language=language or "en",
        dedupe_key=f"reward_issued:{reward_id}",
        now=now,
    )


def reward_link(reward: Reward) -> str:
    """Return the reward's URL, derived from its id. Raises ``WrongTokenKey`` if the key that issued it is gone."""
    return reward_url(known_token(reward.pk, reward.token_key_version, reward.token_digest))
