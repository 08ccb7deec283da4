"""What beat asks of redemption."""

from celery import shared_task

from moments import clock
from redemption.checkout import payments, reservations
from redemption.choosing import stock_alerts
from redemption.providers import dispatch as fulfillment
from redemption.shipping import substitution


@shared_task
def substitute_out_of_stock() -> None:
    """Offer equals for ordered items that are missing."""
    substitution.substitute_out_of_stock(now=clock.now())


@shared_task
def send_stock_alerts() -> None:
    """Mail who waits for what is back, and staff about what nothing stands in for."""
    now = clock.now()
    stock_alerts.notify_back_in_stock(now=now)
    stock_alerts.notify_operators_of_stockouts(now=now)


@shared_task
def fulfill_order(pk: int) -> None:
    """Ask the provider for one order, if it is still to be asked for."""
    fulfillment.send_request(pk, now=clock.now())


@shared_task
def sweep_fulfillment() -> None:
    """Ask providers for every order that is due, and take up again what a dead worker left half way."""
    fulfillment.sweep_fulfillment(now=clock.now())


@shared_task
def work_on_payment(pk: int) -> None:
    """Bring one customer's payment as far as it goes."""
    payments.work_on_payment(pk, now=clock.now())


@shared_task
def sweep_payments() -> None:
    """Go on with customers' payments and refunds that were left half way."""
    payments.sweep_payments(now=clock.now())


@shared_task
def release_reservations() -> None:
    """Put back what was held for a checkout that came to nothing."""
    reservations.release_lapsed(now=clock.now())
