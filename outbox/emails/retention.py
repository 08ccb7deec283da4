"""Retention of emails: content and recipient are removed after some time."""

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
    """Blank the emails except for kind, times and status. Returns how many."""
    return mails.filter(forgotten_at=None).update(**BLANK, forgotten_at=now)


def forget_mails_of(user: User, addresses: list[str], *, now: dt.datetime) -> None:
    """Delete a user's unsent emails, stop retries, blank the others and delete suppressions of the addresses.

    A developer may have written an address in any letter case.
    """
    theirs = Q(user=user)
    for address in addresses:
        theirs |= Q(to_email__iexact=address)
    mails = Mail.objects.filter(theirs)
    mails.filter(status__in=[Status.QUEUED, Status.HELD]).delete()
    mails.filter(status=Status.SENDING).update(status=Status.DEAD)
    forget(mails, now=now)
    EmailSuppression.objects.filter(Q(email__in=addresses) | Q(proposed__in=addresses)).delete()


def forget_old_mails(*, before: dt.datetime, now: dt.datetime, batch: int) -> int:
    """Blank old emails that were sent, given up or held. Returns how many."""
    done = 0
    while True:
        ended = Mail.objects.filter(status__in=ENDED, created_at__lt=before, forgotten_at=None)
        ids = list(ended.values_list("pk", flat=True)[:batch])
        done += forget(Mail.objects.filter(pk__in=ids), now=now)
        if len(ids) < batch:
            return done
