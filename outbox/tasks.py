"""Background tasks of the outbox."""

from celery import shared_task
from celery.signals import celeryd_after_setup, worker_ready, worker_shutting_down

from moments import clock
from outbox import heartbeats
from outbox.emails.delivery import deliver, deliver_due
from outbox.webhooks import courier


@shared_task
def deliver_mail(mail_id: int) -> None:
    """Send one email if it is still due."""
    deliver(mail_id, now=clock.now())


@shared_task
def sweep_outbox() -> None:
    """Send all due emails and release those of dead workers."""
    deliver_due(now=clock.now())


@shared_task
def deliver_webhooks() -> None:
    """Deliver webhooks in a process that has no courier: the scheduler's, while the broker is down. In a worker, the
    courier does so all the time.
    """
    if courier.of_this_process is None:
        courier.deliver_due(now=clock.now())


@shared_task
def note_beat() -> None:
    """Record that the scheduler and the execution of its tasks work; without a broker, the scheduler runs this
    itself.
    """
    heartbeats.record_heartbeat("beat")
    heartbeats.forget_gone(now=clock.now())


@celeryd_after_setup.connect
def start_courier(**_about: object) -> None:
    """Start the courier of webhooks before the broker answers: it needs PostgreSQL alone."""
    courier.start_in_this_process()


@worker_shutting_down.connect
def stop_courier(**_about: object) -> None:
    if courier.of_this_process is not None:
        courier.of_this_process.stop()


@worker_ready.connect
def start_heart(**_about: object) -> None:
    heartbeats.start_heart()
