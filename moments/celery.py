"""The Celery app. A task message is only a hint: every task finds its work again by a sweep over rows in PostgreSQL."""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, celeryd_init, task_postrun, task_prerun, worker_ready

from moments.db.deadlines import TASK, set_deadline
from moments.devserver.ready_marks import mark_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moments.settings")

app = Celery("moments")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def limit_patience(**_about: object) -> None:
    """Set a database deadline, so that a hanging query does not occupy the thread forever."""
    set_deadline(TASK)


@task_postrun.connect
def end_patience(**_about: object) -> None:
    set_deadline(None)


@celeryd_init.connect
@beat_init.connect
def refuse_wrong_start(**_about: object) -> None:
    """Refuse to start a worker or scheduler with missing keys or with a database that this mode may not use."""
    import django
    from django.apps import apps
    from django.core.exceptions import ImproperlyConfigured

    if not apps.ready:  # a second setup would send beat's log into its own redirected output
        django.setup()
    from moments.installation.startup_checks import refuse_to_serve

    try:
        refuse_to_serve()
    except ImproperlyConfigured as refusal:
        raise SystemExit(str(refusal)) from None  # Celery only logs other exceptions of this hook


@worker_ready.connect
def tell_that_the_worker_is_ready(**_about: object) -> None:
    mark_ready("worker")


app.conf.beat_schedule = {
    "open and close campaigns": {"task": "campaigns.tasks.open_and_close_campaigns", "schedule": 60.0},
    "brake runaways": {"task": "campaigns.tasks.brake_runaways", "schedule": 15.0},
    "expire rewards": {"task": "rewards.tasks.expire_rewards", "schedule": 60.0},
    "remind before expiry": {"task": "rewards.tasks.remind_before_expiry", "schedule": crontab(minute="7")},
    "substitute what is out of stock": {"task": "redemption.tasks.substitute_out_of_stock", "schedule": 300.0},
    "send stock alerts": {"task": "redemption.tasks.send_stock_alerts", "schedule": 60.0},
    "note the beat": {"task": "outbox.tasks.note_beat", "schedule": 30.0},
    "ask providers": {"task": "redemption.tasks.sweep_fulfillment", "schedule": 60.0},
    "sweep the outbox": {"task": "outbox.tasks.sweep_outbox", "schedule": 60.0},
    "deliver webhooks": {"task": "outbox.tasks.deliver_webhooks", "schedule": 60.0},
    "tell of alarms": {"task": "operations.tasks.notify_operators_of_alarms", "schedule": 60.0},
    "settle points": {"task": "rewards.tasks.settle_points", "schedule": 300.0},
    "announce expiring points": {"task": "rewards.tasks.announce_expiring_points", "schedule": crontab(minute="37")},
    "issue uploads": {"task": "rewards.tasks.issue_batches", "schedule": 60.0},
    "forget old data": {"task": "operations.tasks.forget_old_data", "schedule": 3600.0},
    "forget old links": {"task": "accounts.tasks.forget_old_links", "schedule": 3600.0},
    "forget traces of claims": {"task": "rewards.tasks.forget_old_traces", "schedule": 3600.0},
    "take up prices": {"task": "catalog.tasks.take_up_prices", "schedule": 60.0},
    "issue statements": {"task": "campaigns.tasks.close_months", "schedule": 900.0},
    "collect payments": {"task": "campaigns.tasks.collect_payments", "schedule": 300.0},
    "release reservations": {"task": "redemption.tasks.release_reservations", "schedule": 60.0},
    "sweep customers' payments": {"task": "redemption.tasks.sweep_payments", "schedule": 60.0},
    "send digests": {"task": "operations.tasks.send_digests", "schedule": 900.0},
    "mail reports": {"task": "console.tasks.mail_reports", "schedule": 900.0},
    "sweep pictures": {"task": "campaigns.tasks.sweep_pictures", "schedule": crontab(hour="3", minute="37")},
    "reconcile": {"task": "rewards.tasks.reconcile", "schedule": 300.0},
}
