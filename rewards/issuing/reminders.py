"""Before a claimed reward expires its customer is reminded, unless they asked not to be."""

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
LATE = 2 * DAY  # for so long after its day a reminder is made up for; what is later would only surprise
SALT = "moments.reminders.stop"
BATCH = 500


def remind_before_expiry(*, now: dt.datetime) -> int:
    """Mail customers who claimed and did not order, 14, 3 and 1 days before the end; how many mails."""
    return sum(_remind_of(days, now) for days in sorted(DAYS))


def _remind_of(days: int, now: dt.datetime) -> int:
    """Whoever claimed before that day, and has not come to the next one."""
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
    """Begun ones count: with 30 hours to go it is 2."""
    return max(-((now - expires) // DAY), 1) if expires else 1


# One click in the mail ends them


def stop_url(reward: Reward) -> str:
    return stop_reminders_url(signing.dumps(str(reward.pk), salt=SALT))


def reward_to_stop(signed: str) -> uuid.UUID | None:
    """Whose reminders a link ends; None for a link that we did not sign."""
    try:
        return uuid.UUID(signing.loads(signed, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def stop_reminders(reward_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Of this reward, for good. Once more is no error."""
    Reward.objects.filter(pk=reward_id, reminders_stopped_at=None).update(reminders_stopped_at=now)
