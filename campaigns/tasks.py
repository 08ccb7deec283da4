"""What beat asks of campaigns."""

from celery import shared_task

from campaigns import states, thresholds
from moments import clock


@shared_task
def open_and_close_campaigns() -> None:
    """Open what is due to open, finish what has ended, tell of caps that were reached."""
    now = clock.now()
    states.open_due_campaigns(now=now)
    states.finish_due_campaigns(now=now)
    thresholds.warn_of_thresholds(now=now)
