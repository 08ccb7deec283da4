"""Claiming, redeeming and expiring rewards."""

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
    """Raised for a voided, expired or otherwise claimed reward and for exceeded limits, with one text for all of them.

    ``excess`` lists the exceeded limits, for operators only.
    """

    def __init__(self, excess: Sequence[abuse_limits.LimitExceeded] = ()) -> None:
        super().__init__("not_available", _("This reward is not available."))
        self.excess = list(excess)


def is_open(reward: Reward, *, now: dt.datetime) -> bool:
    """Return whether the reward can be claimed or ordered with. It expires at ``rewards_expire_at``."""
    expires = reward.campaign.rewards_expire_at
    return reward.voided_at is None and reward.status != Status.EXPIRED and expires is not None and now < expires


def claim_reward(
    reward: Reward, *, customer: User, signals: abuse_limits.AbuseSignals | None = None, now: dt.datetime
) -> None:
    """Bind the reward to ``customer``. Repeating the claim is allowed for the same customer; others get
    ``NotAvailable``.

    Also refused if the customer has too many rewards of the campaign or shares one of ``signals`` with too many
    accounts. All checks run in every case, so that timing does not reveal the reason.

    The UPDATE filters on columns of the reward only. A filter on the campaign would make Django use a subquery, which
    PostgreSQL does not evaluate again after waiting for a lock, so several claims could succeed.
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
    """Set the reward to redeemed when an order is placed. Raises ``Conflict`` if it was voided meanwhile."""
    advance(reward, Status.REDEEMED, as_read=("voided_at",))


def unmark_redeemed(reward: Reward, *, now: dt.datetime) -> None:
    """Reopen the reward after its order was canceled or refunded, or set it to expired if its time is over."""
    expires = reward.campaign.rewards_expire_at
    advance(reward, Status.CLAIMED if expires and now < expires else Status.EXPIRED)


# Scheduled tasks. Expiry is computed wherever a reward is read; these update the stored status.


def expire_due_rewards(*, now: dt.datetime) -> int:
    """Set expired rewards to the status expired, in batches. Returns how many."""
    done = 0
    while True:
        with transaction.atomic():
            due = Reward.objects.due_for_expiry(now).select_for_update(no_key=True, skip_locked=True, of=("self",))
            ids = list(due.values_list("pk", flat=True)[:BATCH])
            done += Reward.objects.filter(pk__in=ids).update(status=Status.EXPIRED)
        if len(ids) < BATCH:
            return done


def close_due_windows(*, now: dt.datetime) -> int:
    """Send organizations an event, once per campaign, that its rewards have expired. Returns how many campaigns."""
    done = 0
    for campaign in Campaign.objects.due_for_closing(now).select_related("organization"):
        with transaction.atomic():
            if Campaign.objects.filter(pk=campaign.pk, window_closed_at=None).update(window_closed_at=now):
                payload = {"campaign": str(campaign.pk)}
                dedupe_key = f"campaign.window_closed:{campaign.pk}"
                record_event(campaign.organization, "campaign.window_closed", payload, dedupe_key=dedupe_key, now=now)
                done += 1
    return done
