"""What workers do for the outbox."""

from celery import shared_task
from celery.signals import worker_ready

from moments import clock
from outbox import heartbeats
from outbox.emails.delivery import deliver, deliver_due


@shared_task
def deliver_mail(mail_id: int) -> None:
    """Send one mail, if it is still to be sent."""
    deliver(mail_id, now=clock.now())


@shared_task
def sweep_outbox() -> None:
    """Send every mail that is due, and take up again what a dead worker left half way."""
    deliver_due(now=clock.now())


@shared_task
def note_beat() -> None:
    """The scheduler lives, and what it asks for is done: by a worker, or without a broker by the scheduler."""
    heartbeats.record_heartbeat("beat")
    heartbeats.forget_gone(now=clock.now())


@worker_ready.connect
def start_heart(**_about: object) -> None:
    heartbeats.start_heart()
