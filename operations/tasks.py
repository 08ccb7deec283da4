"""Scheduled tasks of the installation."""

from celery import shared_task

from moments import clock
from operations import alarms, digest, retention


@shared_task
def notify_operators_of_alarms() -> None:
    """Mail operators about what they should look at."""
    alarms.notify_operators_of_alarms(now=clock.now())


@shared_task
def forget_old_data() -> None:
    """Forget what is kept of people only for a while."""
    retention.forget_old_data(now=clock.now())


@shared_task
def send_digests() -> None:
    """Mail operators what waits for them, once a day."""
    digest.send_digests(now=clock.now())
