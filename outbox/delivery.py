"""Mails leave here: claimed before they are sent, tried again when they fail, found again when a worker dies."""

import datetime as dt
import logging

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from moments import clock
from outbox.mail import render_mail, send_over_smtp
from outbox.models import Mail

logger = logging.getLogger(__name__)

# After the first, the second … failure; after the last the mail is given up.
RETRY_AFTER = [dt.timedelta(minutes=m) for m in (1, 5, 30, 120, 480, 1440, 2880, 4320)]
STUCK_AFTER = dt.timedelta(minutes=5)
NO_SENDER_RETRY = dt.timedelta(minutes=10)
BATCH = 200

Status = Mail.Status


def sends_mail() -> bool:
    """Is there anywhere for mail to go? In the demo it stays here, on the mailbox page."""
    return bool(settings.SMTP_URL) or settings.DEMO


def deliver(mail_id: int, *, now: dt.datetime) -> bool:
    """Send one mail if it is due and nobody else has it. True when it was sent now."""
    claimed = Mail.objects.filter(pk=mail_id, status=Status.QUEUED, due_at__lte=now)
    if not claimed.update(status=Status.SENDING, claimed_at=now, attempts=F("attempts") + 1):
        return False
    mail = Mail.objects.get(pk=mail_id)
    if not sends_mail():
        put_off(mail, now + NO_SENDER_RETRY, "SMTP_URL is not set.", attempts=mail.attempts - 1)
        return False
    try:
        send(mail)
    except Exception as error:
        note_failure(mail, error, now=now)
        return False
    mine(mail).update(status=Status.SENT, sent_at=clock.now(), last_error="")
    return True


def send(mail: Mail) -> None:
    if settings.SMTP_URL:
        send_over_smtp(mail)
    else:
        render_mail(mail)  # the mailbox page renders it again; a mail that cannot be shown must not count as sent


def mine(mail: Mail) -> QuerySet[Mail]:
    """The row as this worker claimed it; nothing once the sweep has given it to somebody else."""
    return Mail.objects.filter(pk=mail.pk, status=Status.SENDING, claimed_at=mail.claimed_at)


def note_failure(mail: Mail, error: Exception, *, now: dt.datetime) -> None:
    reason = f"{type(error).__name__}: {error}"[:500]
    logger.warning("Mail %s (%s) was not sent: %s", mail.pk, mail.kind, reason)
    if mail.attempts > len(RETRY_AFTER):
        mine(mail).update(status=Status.DEAD, last_error=reason)
    else:
        put_off(mail, now + RETRY_AFTER[mail.attempts - 1], reason, attempts=mail.attempts)


def put_off(mail: Mail, until: dt.datetime, reason: str, *, attempts: int) -> None:
    mine(mail).update(status=Status.QUEUED, due_at=until, last_error=reason, attempts=attempts)


def release_stuck(*, now: dt.datetime) -> int:
    """Mails that a worker claimed and never finished become due again."""
    stuck = Mail.objects.filter(status=Status.SENDING, claimed_at__lte=now - STUCK_AFTER)
    return stuck.update(status=Status.QUEUED, due_at=now)


def deliver_due(*, now: dt.datetime) -> int:
    """Send everything that is due, oldest first; how many were sent."""
    release_stuck(now=now)
    sent, began = 0, clock.now()
    while ids := due_ids(now):
        # The clock goes on while mails are sent: a claim made now must not look as old as the sweep.
        sent += sum(deliver(mail_id, now=now + (clock.now() - began)) for mail_id in ids)
    return sent


def due_ids(now: dt.datetime) -> list[int]:
    with transaction.atomic():
        due = Mail.objects.filter(status=Status.QUEUED, due_at__lte=now).order_by("due_at", "id")
        return list(due.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True)[:BATCH])


def send_again(mail: Mail, *, now: dt.datetime) -> bool:
    """An operator wants a mail that was given up to be tried afresh."""
    return bool(
        Mail.objects.filter(pk=mail.pk, status=Status.DEAD).update(status=Status.QUEUED, due_at=now, attempts=0)
    )
