"""What happens to a reward after it was issued: claimed, redeemed, expired."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.privacy.user_lock import lock_active_user
from campaigns.models import Campaign
from moments.errors import RuleViolation
from moments.lifecycle import advance
from outbox.service import record_event
from rewards.claims import abuse_limits
from rewards.models import Reward

BATCH = 500
Status = Reward.Status


class NotAvailable(RuleViolation):
    """One fixed text for a reward that is voided, expired, somebody else's or one too many: none can be told apart.

    ``excess`` has the limits that were passed, for operators alone.
    """

    def __init__(self, excess: Sequence[abuse_limits.LimitExceeded] = ()) -> None:
        super().__init__("not_available", _("This reward is not available."))
        self.excess = list(excess)


def is_open(reward: Reward, *, now: dt.datetime) -> bool:
    """May it be claimed or ordered with? At ``rewards_expire_at`` it has expired."""
    expires = reward.campaign.rewards_expire_at
    return reward.voided_at is None and reward.status != Status.EXPIRED and expires is not None and now < expires


def claim_reward(
    reward: Reward, *, customer: User, signals: abuse_limits.AbuseSignals | None = None, now: dt.datetime
) -> None:
    """Bind the reward to ``customer``, once. Again by the same one is no error; anybody else is refused.

    A customer who has too many rewards of the campaign, or shares one of ``signals`` with too many accounts, is refused
    too. Every case checks all of it, so that each refusal takes as long as the others.

    The UPDATE names columns of the reward alone: with one of the campaign Django would put them all into a subquery,
    which PostgreSQL does not look at again after waiting for a rival, and several would win.
    """
    signals = {**(signals or {}), abuse_limits.CUSTOMER: str(customer.pk)}
    with transaction.atomic():
        lock_active_user(customer)
        excess = abuse_limits.limits_exceeded(reward, customer=customer, signals=signals)
        free = Reward.objects.filter(pk=reward.pk, status=Status.ISSUED, voided_at=None, customer=None)
        may = not excess and is_open(reward, now=now)
        won = may and free.update(status=Status.CLAIMED, customer=customer, claimed_at=now)
        if won:
            abuse_limits.record_fingerprints(reward, customer=customer, signals=signals, now=now)
    reward.refresh_from_db(fields=["status", "customer", "claimed_at", "voided_at"])
    if not won and (reward.customer_id != customer.pk or not is_open(reward, now=now)):
        raise NotAvailable(excess)


def mark_redeemed(reward: Reward, *, now: dt.datetime) -> None:
    """An order was placed with it; not where it was voided meanwhile."""
    advance(reward, Status.REDEEMED, as_read=("voided_at",))


def unmark_redeemed(reward: Reward, *, now: dt.datetime) -> None:
    """Its order was canceled: it can be ordered with again, until it expires."""
    expires = reward.campaign.rewards_expire_at
    advance(reward, Status.CLAIMED if expires and now < expires else Status.EXPIRED)


# By the clock. Expiry itself is computed wherever a reward is read; this is the bookkeeping.


def expire_due_rewards(*, now: dt.datetime) -> int:
    """Mark what has expired, in small batches; how many."""
    done = 0
    while True:
        with transaction.atomic():
            due = Reward.objects.due_for_expiry(now).select_for_update(no_key=True, skip_locked=True, of=("self",))
            ids = list(due.values_list("pk", flat=True)[:BATCH])
            done += Reward.objects.filter(pk__in=ids).update(status=Status.EXPIRED)
        if len(ids) < BATCH:
            return done


def close_due_windows(*, now: dt.datetime) -> int:
    """Tell organizations, once for each campaign, that its rewards have expired; how many campaigns."""
    done = 0
    for campaign in Campaign.objects.due_for_closing(now).select_related("organization"):
        with transaction.atomic():
            if Campaign.objects.filter(pk=campaign.pk, window_closed_at=None).update(window_closed_at=now):
                payload = {"campaign": str(campaign.pk)}
                dedupe_key = f"campaign.window_closed:{campaign.pk}"
                record_event(campaign.organization, "campaign.window_closed", payload, dedupe_key=dedupe_key, now=now)
                done += 1
    return done
