"""What the API shows of a reward: nothing that moves when it is redeemed."""

import datetime as dt
import uuid
from dataclasses import dataclass

from rewards.issuing.email_status import email_statuses
from rewards.issuing.listing import state_of
from rewards.issuing.service import reward_link
from rewards.issuing.tokens import WrongTokenKey
from rewards.models import Reward


@dataclass(frozen=True)
class DeveloperReward:
    """The charge is in US cents, the retail value in minor units of ``currency``. ``url`` is None if the key that it
    derives from is gone; ``email`` is the status of the email that the developer asked for, or None.
    """

    id: uuid.UUID
    campaign_id: uuid.UUID
    moment: str
    group: str
    app_user_id: str | None
    state: str
    url: str | None
    charge_cents: int
    retail_value_cents: int
    currency: str
    issued_at: dt.datetime
    expires_at: dt.datetime | None
    voided_at: dt.datetime | None
    external_id: str | None
    metadata: dict[str, str]
    email: str | None


def developer_view(rewards: list[Reward], *, now: dt.datetime) -> list[DeveloperReward]:
    """Return the rewards, loaded by ``rewards_of``, as their developer may see them."""
    emails = email_statuses(rewards, now=now)
    return [_view(reward, emails.get(reward.pk), now) for reward in rewards]


def _view(reward: Reward, email: str | None, now: dt.datetime) -> DeveloperReward:
    retail = reward.group.retail_value_cents
    return DeveloperReward(
        id=reward.pk,
        campaign_id=reward.campaign_id,
        moment=reward.moment.key,
        group=reward.group.key,
        app_user_id=reward.app_user_id,
        state=state_of(reward, now=now),
        url=_link(reward),
        charge_cents=reward.charge_cents,
        retail_value_cents=reward.credit_cents if retail is None else retail,
        currency=reward.group.marketplace.currency,
        issued_at=reward.issued_at,
        expires_at=reward.campaign.rewards_expire_at,
        voided_at=reward.voided_at,
        external_id=reward.external_id,
        metadata=reward.metadata or {},
        email=email,
    )


def _link(reward: Reward) -> str | None:
    try:
        return reward_link(reward)
    except WrongTokenKey:
        return None
