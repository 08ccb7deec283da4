"""What became of the emails with rewards that an app or a member asked us to send.

Whatever is not queued and did not bounce reads sent, also if the address is suppressed because of another email or was
erased: the status says nothing about what other senders or the owner of the address have done.
"""

import datetime as dt
import uuid
from collections.abc import Iterable

from outbox.models import Event, Mail
from rewards.models import Reward

QUEUED, SENT, BOUNCED = "queued", "sent", "bounced"
WAITING = [Mail.Status.QUEUED, Mail.Status.SENDING]
USUAL = dt.timedelta(seconds=10)  # an email that was never queued reads queued as long as others do


def email_statuses(rewards: Iterable[Reward], *, now: dt.datetime) -> dict[uuid.UUID, str]:
    """Return the status by reward, of those that were to be emailed. Runs two queries at most."""
    emailed = [reward for reward in rewards if reward.is_emailed]
    if not emailed:
        return {}
    keys = {f"reward_issued:{reward.pk}": reward.pk for reward in emailed}
    bounces = {f"reward.email_bounced:{reward.pk}": reward.pk for reward in emailed}
    found = {reward.pk: QUEUED if now - reward.issued_at < USUAL else SENT for reward in emailed}
    for key, status in Mail.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", "status"):
        found[keys[key or ""]] = QUEUED if status in WAITING else SENT
    for key in Event.objects.filter(dedupe_key__in=bounces).values_list("dedupe_key", flat=True):
        found[bounces[key or ""]] = BOUNCED
    return found
