"""Retention of the log of API calls."""

import datetime as dt

from accounts.privacy.retention import delete_in_batches
from api.models import ApiCall

KEPT = dt.timedelta(days=30)


def forget_old_calls(*, now: dt.datetime, batch: int) -> int:
    """Delete calls after 30 days. Returns how many."""
    return delete_in_batches(ApiCall.objects.filter(occurred_at__lt=now - KEPT), batch=batch)
