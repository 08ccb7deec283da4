"""What beat asks of redemption."""

from celery import shared_task

from moments import clock
from redemption import alarms, substitution


@shared_task
def substitute_out_of_stock() -> None:
    """Offer equals for ordered items that are missing."""
    substitution.substitute_out_of_stock(now=clock.now())


@shared_task
def tell_of_alarms() -> None:
    """Mail operators about what they should look at."""
    alarms.tell_of_alarms(now=clock.now())
