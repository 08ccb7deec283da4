"""Scheduled and background tasks of rewards."""

import uuid

from celery import shared_task

from moments import clock
from rewards.bulk import service as bulk
from rewards.claims import abuse_limits
from rewards.claims import service as services
from rewards.issuing import reminders
from rewards.ledger import reconciliation as books
from rewards.points import settlement


@shared_task
def expire_rewards() -> None:
    """Expire rewards and close the windows of their campaigns."""
    now = clock.now()
    services.expire_due_rewards(now=now)
    services.close_due_windows(now=now)


@shared_task
def forget_old_traces() -> None:
    """Delete claim fingerprints of expired rewards."""
    abuse_limits.delete_old_fingerprints(now=clock.now())


@shared_task
def remind_before_expiry() -> None:
    """Email customers whose claimed reward expires soon."""
    reminders.remind_before_expiry(now=clock.now())


@shared_task
def reconcile() -> None:
    """Compare counters, ledger and rewards."""
    books.reconcile(now=clock.now())


@shared_task
def settle_points() -> None:
    """Write what the clock has done to points: became available, expired."""
    settlement.settle_due(now=clock.now())


@shared_task
def announce_expiring_points() -> None:
    """Record an event for users whose points expire within a week."""
    settlement.announce_expiring(now=clock.now())


@shared_task
def issue_batch(batch_id: str) -> None:
    """Issue lines of a confirmed upload and enqueue the next step."""
    bulk.process_chunk(uuid.UUID(batch_id), now=clock.now())


@shared_task
def issue_batches() -> None:
    """Resume every upload that is being issued."""
    bulk.issue_due_batches(now=clock.now())
