"""Mails that were sent are kept for a while; then nothing says what they were and to whom."""

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from outbox.models import EmailSuppression, Mail

FORGOTTEN_ONCE_SENT = {"account_erased"}
BLANK: dict[str, Any] = {
    "to_email": "",
    "user": None,
    "subject": "",
    "text": "",
    "html": "",
    "context": {},
    "last_error": "",
}
Status = Mail.Status
ENDED = [Status.SENT, Status.DEAD, Status.HELD]


def forget(mails: QuerySet[Mail], *, now: dt.datetime) -> int:
    """Kind, time and outcome stay."""
    return mails.filter(forgotten_at=None).update(**BLANK, forgotten_at=now)


def forget_mails_of(user: User, addresses: list[str], *, now: dt.datetime) -> None:
    """What is still to be sent is not sent, and what is being sent is not tried again."""
    mails = Mail.objects.filter(Q(user=user) | Q(to_email__in=addresses))
    mails.filter(status__in=[Status.QUEUED, Status.HELD]).delete()
    mails.filter(status=Status.SENDING).update(status=Status.DEAD)
    forget(mails, now=now)
    EmailSuppression.objects.filter(Q(email__in=addresses) | Q(proposed__in=addresses)).delete()


def forget_old_mails(*, before: dt.datetime, now: dt.datetime, batch: int) -> int:
    """Of those that were sent, given up, or held for so long that nobody waits for them."""
    done = 0
    while True:
        ended = Mail.objects.filter(status__in=ENDED, created_at__lt=before, forgotten_at=None)
        ids = list(ended.values_list("pk", flat=True)[:batch])
        done += forget(Mail.objects.filter(pk__in=ids), now=now)
        if len(ids) < batch:
            return done
