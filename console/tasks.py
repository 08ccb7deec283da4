"""Scheduled tasks of the console."""

from celery import shared_task

from console.reports import subscriptions
from moments import clock


@shared_task
def mail_reports() -> None:
    """Mail the figures of the week or month before to who asked for them."""
    subscriptions.mail_reports(now=clock.now())
