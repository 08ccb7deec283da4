"""What beat asks of rewards."""

import uuid

from celery import shared_task

from moments import clock
from rewards.bulk import service as bulk
from rewards.claims import abuse_limits
from rewards.claims import service as services
from rewards.issuing import reminders
from rewards.ledger import reconciliation as books


@shared_task
def expire_rewards() -> None:
    """Mark what has expired and close the windows of its campaigns."""
    now = clock.now()
    services.expire_due_rewards(now=now)
    services.close_due_windows(now=now)


@shared_task
def forget_old_traces() -> None:
    """Forget where rewards were claimed that have expired."""
    abuse_limits.delete_old_fingerprints(now=clock.now())


@shared_task
def remind_before_expiry() -> None:
    """Mail customers whose claimed reward is about to expire."""
    reminders.remind_before_expiry(now=clock.now())


@shared_task
def reconcile() -> None:
    """Compare counters, ledger and rewards."""
    books.reconcile(now=clock.now())


@shared_task
def issue_batch(batch_id: str) -> None:
    """Issue lines of a confirmed upload for a while, and ask to go on."""
    bulk.process_chunk(uuid.UUID(batch_id), now=clock.now())


@shared_task
def issue_batches() -> None:
    """Go on with every upload that is being issued; whoever had it may be gone."""
    bulk.issue_due_batches(now=clock.now())
