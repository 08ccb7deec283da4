"""Reminders to customers before a claimed reward expires, unless they opted out."""

import datetime as dt
import uuid

from django.core import signing
from django.db.models import F, Q

from accounts.models import User
from moments.registry import stop_reminders_url
from outbox.service import queue_mail
from rewards.models import Reward

DAYS = (14, 3, 1)
DAY = dt.timedelta(days=1)
LATE = 2 * DAY  # how long a missed reminder is still sent
SALT = "moments.reminders.stop"
BATCH = 500


def remind_before_expiry(*, now: dt.datetime) -> int:
    """Email customers with an unused claimed reward 14, 3 and 1 days before it expires. Returns the number of
    emails.
    """
    return sum(_remind_of(days, now) for days in sorted(DAYS))


def _remind_of(days: int, now: dt.datetime) -> int:
    """Queue the reminders that are due ``days`` before expiry, for rewards claimed before that and not due for the next
    one.
    """
    until = now + days * DAY
    since = until - min(LATE, min(days - nearer for nearer in (*DAYS, 0) if nearer < days) * DAY)
    due = Q(campaign__rewards_expire_at__gt=since, campaign__rewards_expire_at__lte=until)
    waiting = Reward.objects.filter(due, status=Reward.Status.CLAIMED, voided_at=None, reminders_stopped_at=None)
    waiting = waiting.filter(claimed_at__lte=F("campaign__rewards_expire_at") - days * DAY)
    rows = waiting.select_related("customer").iterator(chunk_size=BATCH)
    return sum(_remind(reward, reward.customer, days, now) for reward in rows if reward.customer)


def _remind(reward: Reward, customer: User, days: int, now: dt.datetime) -> bool:
    mail = queue_mail(
        "reward_expiring",
        to_email=customer.email,
        user=customer,
        context={"reward": str(reward.pk)},
        language=customer.language or reward.locale or "en",
        dedupe_key=f"reward_expiring:{reward.pk}:{days}",
        now=now,
    )
    return mail is not None


def days_left(expires: dt.datetime | None, *, now: dt.datetime) -> int:
    """Return the days until ``expires``, rounded up: 30 hours are 2 days. At least 1."""
    return max(-((now - expires) // DAY), 1) if expires else 1


# One-click unsubscribe


def stop_url(reward: Reward) -> str:
    return stop_reminders_url(signing.dumps(str(reward.pk), salt=SALT))


def reward_to_stop(signed: str) -> uuid.UUID | None:
    """Return the id of the reward whose reminders the link stops; None if its signature is invalid."""
    try:
        return uuid.UUID(signing.loads(signed, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def stop_reminders(reward_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Stop the reminders of this reward permanently."""
    Reward.objects.filter(pk=reward_id, reminders_stopped_at=None).update(reminders_stopped_at=now)
