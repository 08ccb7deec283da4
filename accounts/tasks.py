"""What beat asks of accounts."""

from celery import shared_task

from accounts import sign_ins
from moments import clock


@shared_task
def forget_old_sign_ins() -> None:
    """Sign-ins are kept for ninety days."""
    sign_ins.forget_old_sign_ins(now=clock.now())
