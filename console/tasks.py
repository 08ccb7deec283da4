"""Scheduled tasks of the console."""

from celery import shared_task

from console.reports import subscriptions
from moments import clock


@shared_task
def mail_reports() -> None:
    """Email the report of the last week or month to subscribers."""
    subscriptions.mail_reports(now=clock.now())
