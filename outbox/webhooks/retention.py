"""Retention of the log of webhooks."""

import datetime as dt

from accounts.privacy.retention import delete_in_batches
from outbox.models import WebhookAttempt, WebhookDelivery

KEPT = dt.timedelta(days=30)


def forget_old_attempts(*, now: dt.datetime, batch: int) -> int:
    """Delete attempts and finished deliveries after 30 days. Returns how many."""
    before = now - KEPT
    finished = WebhookDelivery.objects.filter(created_at__lt=before, finished_at__lt=before)
    done = delete_in_batches(WebhookAttempt.objects.filter(occurred_at__lt=before), batch=batch)
    return done + delete_in_batches(finished, batch=batch)
