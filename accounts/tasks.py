"""What beat asks of accounts."""

from celery import shared_task

from accounts.sign_in import sign_in_links
from moments import clock


@shared_task
def forget_old_links() -> None:
    """Links to sign in are kept for a day after they ended."""
    sign_in_links.forget_old_links(now=clock.now())
