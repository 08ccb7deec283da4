"""What workers do for the outbox."""

from celery import shared_task

from moments import clock
from outbox.delivery import deliver, deliver_due


@shared_task
def deliver_mail(mail_id: int) -> None:
    """Send one mail, if it is still to be sent."""
    deliver(mail_id, now=clock.now())


@shared_task
def sweep_outbox() -> None:
    """Send every mail that is due, and take up again what a dead worker left half way."""
    deliver_due(now=clock.now())
