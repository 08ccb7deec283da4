"""Background tasks of the outbox."""

from celery import shared_task
from celery.signals import worker_ready

from moments import clock
from outbox import heartbeats
from outbox.emails.delivery import deliver, deliver_due


@shared_task
def deliver_mail(mail_id: int) -> None:
    """Send one email if it is still due."""
    deliver(mail_id, now=clock.now())


@shared_task
def sweep_outbox() -> None:
    """Send all due emails and release those of dead workers."""
    deliver_due(now=clock.now())


@shared_task
def note_beat() -> None:
    """Record that the scheduler and the execution of its tasks work; without a broker, the scheduler runs this
    itself.
    """
    heartbeats.record_heartbeat("beat")
    heartbeats.forget_gone(now=clock.now())


@worker_ready.connect
def start_heart(**_about: object) -> None:
    heartbeats.start_heart()
