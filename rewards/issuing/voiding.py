"""Voiding of rewards by developers. The result does not reveal whether the reward was redeemed."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from accounts.organizations.audit import AuditEvent, record
from outbox.service import record_event
from rewards.models import Reward


def void_reward(reward: Reward, *, by: User | None = None, now: dt.datetime) -> None:
    """Void a reward, so that it can no longer be redeemed. Existing orders and the charge are unchanged."""
    with transaction.atomic():
        if Reward.objects.filter(pk=reward.pk, voided_at=None).update(voided_at=now):
            payload = {"reward": str(reward.pk), "campaign": str(reward.campaign_id)}
            record_event(
                reward.organization, "reward.voided", payload, dedupe_key=f"reward.voided:{reward.pk}", now=now
            )
            record(reward.organization, AuditEvent.REWARD_VOIDED, str(reward.pk), by=by, now=now)
    reward.refresh_from_db(fields=["voided_at"])
