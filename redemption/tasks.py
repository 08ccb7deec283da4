"""Scheduled and background tasks of redemption."""

from celery import shared_task

from moments import clock
from redemption.checkout import payments, reservations
from redemption.choosing import stock_alerts
from redemption.providers import dispatch as fulfillment
from redemption.shipping import substitution


@shared_task
def substitute_out_of_stock() -> None:
    """Offer substitutes for ordered items that are missing."""
    substitution.substitute_out_of_stock(now=clock.now())


@shared_task
def send_stock_alerts() -> None:
    """Email customers about products that are back, and operators about sold-out ones without a substitute."""
    now = clock.now()
    stock_alerts.notify_back_in_stock(now=now)
    stock_alerts.notify_operators_of_stockouts(now=now)


@shared_task
def fulfill_order(pk: int) -> None:
    """Send one order's request to its provider if it is due."""
    fulfillment.send_request(pk, now=clock.now())


@shared_task
def sweep_fulfillment() -> None:
    """Send all due provider requests and release those of dead workers."""
    fulfillment.sweep_fulfillment(now=clock.now())


@shared_task
def work_on_payment(pk: int) -> None:
    """Advance one customer payment as far as possible."""
    payments.work_on_payment(pk, now=clock.now())


@shared_task
def sweep_payments() -> None:
    """Advance unfinished payments and refunds of customers."""
    payments.sweep_payments(now=clock.now())


@shared_task
def release_reservations() -> None:
    """Return expired reservations to stock."""
    reservations.release_lapsed(now=clock.now())
