"""Scheduled tasks of operations."""

from celery import shared_task

from moments import clock
from operations import alarms, digest, retention


@shared_task
def notify_operators_of_alarms() -> None:
    """Email operators about alarms."""
    alarms.notify_operators_of_alarms(now=clock.now())


@shared_task
def forget_old_data() -> None:
    """Delete data whose retention period is over."""
    retention.forget_old_data(now=clock.now())


@shared_task
def send_digests() -> None:
    """Email operators their open tasks, once a day."""
    digest.send_digests(now=clock.now())
