"""What beat asks of the catalog."""

from celery import shared_task

from catalog.pricing import prices
from moments import clock


@shared_task
def take_up_prices() -> None:
    """Sell at the prices whose day has come."""
    prices.take_up_prices(now=clock.now())
