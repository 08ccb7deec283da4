"""Delivery of emails: claimed before sending, retried after failures and released if a worker dies."""

import datetime as dt
import logging
import re
import smtplib

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, QuerySet

from accounts.privacy.access_log import masked_within
from moments import clock
from moments.integrations.circuit_breaker import CircuitBreaker
from outbox.emails.rendering import render_mail, send_over_smtp
from outbox.emails.retention import BLANK, FORGOTTEN_ONCE_SENT
from outbox.emails.suppression import CHECK, suppress_address, suppression_of
from outbox.models import EmailSuppression, Mail

logger = logging.getLogger(__name__)

# Delays after each failure; after the last one the email is given up.
RETRY_AFTER = [dt.timedelta(minutes=m) for m in (1, 5, 30, 120, 480, 1440, 2880, 4320)]
STUCK_AFTER = dt.timedelta(minutes=5)
NO_SENDER_RETRY = dt.timedelta(minutes=10)
SWEEP_FOR = dt.timedelta(seconds=50)  # leave the worker time for other tasks

# Errors that mean that the server is down, not that it refused this email.
SERVER_GONE = (ConnectionError, TimeoutError, smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError)
smtp_gone = CircuitBreaker(cooldown=20.0)
LATE, LATE_SECONDS = "mail_is_late", 1800  # for pages; workers retry sooner
ENHANCED = re.compile(r"5\.\d{1,3}\.\d{1,3}")
NOT_OF_THE_ADDRESS = {503, 530, 535}  # problems with our connection or login

Status = Mail.Status


def sends_mail() -> bool:
    """Return whether emails can be sent. The demo shows them on its mailbox page instead."""
    return bool(settings.SMTP_URL) or settings.DEMO


def due(now: dt.datetime) -> QuerySet[Mail]:
    return Mail.objects.filter(status=Status.QUEUED, due_at__lte=now)


def claim(mails: QuerySet[Mail], *, now: dt.datetime) -> Mail | None:
    """Claim the first of these emails that no other worker has locked. Returns None if there is none."""
    with transaction.atomic():
        mail = mails.order_by("due_at", "id").select_for_update(no_key=True, skip_locked=True).first()
        if mail is None:
            return None
        changes = {"status": Status.SENDING, "claimed_at": now}
        Mail.objects.filter(pk=mail.pk).update(**changes, attempts=F("attempts") + 1)
    mail.refresh_from_db()
    return mail


def deliver(mail_id: int, *, now: dt.datetime) -> bool:
    """Send one email if it is due and no other worker has it. Returns True if it was sent now."""
    if smtp_gone.is_open():
        return False  # it stays due for the sweep
    mail = claim(due(now).filter(pk=mail_id), now=now)
    return mail is not None and send_claimed(mail, now=now)


def send_claimed(mail: Mail, *, now: dt.datetime) -> bool:
    if not sends_mail():
        schedule_retry(mail, now + NO_SENDER_RETRY, "SMTP_URL is not set.", attempts=mail.attempts - 1)
        return False
    if mail.kind != CHECK and (trouble := suppression_of(mail.to_email)):
        hold(mail, trouble, attempts=mail.attempts - 1)
        return False
    try:
        send(mail)
    except smtplib.SMTPRecipientsRefused as refusal:
        note_refusal(mail, refusal, now=now)
        return False
    except Exception as error:
        if isinstance(error, SERVER_GONE):
            smtp_gone.trip()
            cache.set(LATE, True, LATE_SECONDS)
        note_failure(mail, error, now=now)
        return False
    mine(mail).update(status=Status.SENT, sent_at=clock.now(), **{"last_error": "", **left_of(mail, now=now)})
    if cache.get(LATE):
        cache.delete(LATE)
    return True


def is_late() -> bool:
    """Return whether any worker's last attempt to reach the mail server failed."""
    return bool(cache.get(LATE))


def note_refusal(mail: Mail, refusal: smtplib.SMTPRecipientsRefused, *, now: dt.datetime) -> None:
    """Suppress an address that does not exist. Retry temporary refusals and those that concern the sender."""
    code, said = next(iter(refusal.recipients.values()))
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    enhanced = ENHANCED.match(text)
    status = enhanced[0] if enhanced else str(code)
    if not 500 <= code < 600 or code in NOT_OF_THE_ADDRESS or status.startswith("5.7."):
        note_failure(mail, refusal, now=now)
    elif mail.kind in FORGOTTEN_ONCE_SENT:
        give_up(mail, text[:500], now=now)  # do not store an address that is to be deleted
    elif trouble := suppress_address(mail, method=EmailSuppression.Method.REFUSED, status=status, why=text, now=now):
        hold(mail, trouble, attempts=mail.attempts)


def hold(mail: Mail, trouble: EmailSuppression, *, attempts: int) -> None:
    reason = f"The address is marked: {trouble.get_method_display()} {trouble.status} {trouble.reason}"[:500]
    mine(mail).update(status=Status.HELD, last_error=reason, attempts=attempts)


def give_up(mail: Mail, reason: str, *, now: dt.datetime) -> None:
    mine(mail).update(**{"status": Status.DEAD, "last_error": reason, **left_of(mail, now=now)})


def left_of(mail: Mail, *, now: dt.datetime) -> dict:
    """Return the changes to a row that needs no further attempt: some kinds are blanked, including the address."""
    return {**BLANK, "forgotten_at": now} if mail.kind in FORGOTTEN_ONCE_SENT else {}


def send(mail: Mail) -> None:
    if settings.SMTP_URL:
        send_over_smtp(mail)
    else:
        render_mail(mail)  # an email that cannot be rendered must not count as sent


def mine(mail: Mail) -> QuerySet[Mail]:
    """Return the row as this worker claimed it; empty once the sweep released it."""
    return Mail.objects.filter(pk=mail.pk, status=Status.SENDING, claimed_at=mail.claimed_at)


def note_failure(mail: Mail, error: Exception, *, now: dt.datetime) -> None:
    reason = f"{type(error).__name__}: {error}"[:500]
    logger.warning("Mail %s (%s) was not sent: %s", mail.pk, mail.kind, masked_within(reason))
    if mail.attempts > len(RETRY_AFTER):
        give_up(mail, reason, now=now)
    else:
        schedule_retry(mail, now + RETRY_AFTER[mail.attempts - 1], reason, attempts=mail.attempts)


def schedule_retry(mail: Mail, until: dt.datetime, reason: str, *, attempts: int) -> None:
    mine(mail).update(status=Status.QUEUED, due_at=until, last_error=reason, attempts=attempts)


def release_stuck(*, now: dt.datetime) -> int:
    """Release emails that a worker claimed and never finished. Returns how many."""
    stuck = Mail.objects.filter(status=Status.SENDING, claimed_at__lte=now - STUCK_AFTER)
    return stuck.update(status=Status.QUEUED, due_at=now)


def deliver_due(*, now: dt.datetime) -> int:
    """Send due emails, oldest first, for at most 50 seconds. Returns how many were sent.

    Several sweeps can run at once. Stops if the mail server is down.
    """
    release_stuck(now=now)
    sent, passed, began = 0, dt.timedelta(0), clock.now()
    while passed < SWEEP_FOR and not smtp_gone.is_open():
        # Count the time spent so far, so that a new claim does not seem as old as the sweep.
        mail = claim(due(now + passed), now=now + passed)
        if mail is None:
            break
        sent += send_claimed(mail, now=now + passed)
        passed = clock.now() - began
    return sent


def send_again(mail: Mail, *, now: dt.datetime) -> bool:
    """Retry an email that was given up, for an operator. Returns False if its status changed meanwhile."""
    return bool(
        Mail.objects.filter(pk=mail.pk, status=Status.DEAD, forgotten_at=None).update(
            status=Status.QUEUED, due_at=now, attempts=0
        )
    )
