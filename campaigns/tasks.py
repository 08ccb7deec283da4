"""What beat asks of campaigns."""

from celery import shared_task

from campaigns.approval import transitions
from campaigns.billing import collection, statements
from campaigns.budget import budget_alerts, runaway_brake
from campaigns.setup import picture_sweep
from moments import clock


@shared_task
def open_and_close_campaigns() -> None:
    """Open what is due to open, finish what has ended, tell of caps that were reached."""
    now = clock.now()
    transitions.open_due_campaigns(now=now)
    transitions.finish_due_campaigns(now=now)
    budget_alerts.send_budget_alerts(now=now)


@shared_task
def brake_runaways() -> None:
    """Hold campaigns that suddenly issue far more than they did."""
    runaway_brake.brake_runaways(now=clock.now())


@shared_task
def close_months() -> None:
    """Issue the statements of months that are over."""
    statements.close_months(now=clock.now())


@shared_task
def collect_payments() -> None:
    """Charge statements to cards, and ask about payments whose end nobody knows."""
    collection.collect(now=clock.now())


@shared_task
def sweep_pictures() -> None:
    """Remove uploaded pictures that nothing has shown for a while."""
    picture_sweep.sweep_pictures(now=clock.now())
