"""Queueing of emails and events in the transaction that causes them. They are delivered later."""

import datetime as dt
import uuid

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Organization, User
from accounts.privacy.erasure import is_erased_address
from moments.i18n.languages import nearest_language
from moments.integrations.task_dispatch import enqueue
from outbox.kinds import refuse_unknown_email, refuse_unknown_event
from outbox.models import Event, Mail

HOUR = dt.timedelta(hours=1)
MOST_AN_HOUR = 3


def queue_mail(
    kind: str,
    *,
    to_email: str,
    context: dict,
    user: User | None = None,
    language: str = "en",
    dedupe_key: str | None = None,
    now: dt.datetime,
) -> Mail | None:
    """Queue an email, sent after the commit. Returns None if ``dedupe_key`` was used before.

    ``context`` contains ids and plain values, never a token. ``moments.registry.emails[kind]`` turns it into the
    template context when the email is sent.
    """
    return add_mail(
        Mail(kind=kind, to_email=to_email, context=context, user=user, language=language, dedupe_key=dedupe_key),
        now=now,
    )


def notify_operators(subject: str, text: str, *, dedupe_key: str | None = None, now: dt.datetime) -> Mail | None:
    """Queue an email to the operators. Returns None if ``dedupe_key`` was used before."""
    to = settings.OPERATOR_EMAIL
    return add_mail(Mail(kind="plain", to_email=to, subject=subject[:250], text=text, dedupe_key=dedupe_key), now=now)


def queue_user_requested_email(mail: Mail, *, now: dt.datetime) -> Mail | None:
    """Queue an email that anyone can trigger by entering an address: at most three an hour per kind and address.

    Returns None beyond that. The requester is not informed.
    """
    with transaction.atomic():
        _lock(f"{mail.kind} {mail.to_email.lower()}")
        alike = Mail.objects.filter(to_email__iexact=mail.to_email, kind=mail.kind, created_at__gt=now - HOUR)
        return add_mail(mail, now=now) if alike.count() < MOST_AN_HOUR else None


def _lock(name: str) -> None:
    """Acquire a lock on ``name`` until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def add_mail(mail: Mail, *, now: dt.datetime) -> Mail | None:
    refuse_unknown_email(mail.kind)
    if is_erased_address(mail.to_email):
        return None  # the recipient erased their account
    mail.message_id = uuid.uuid4()
    mail.language = known_language(mail.language)
    mail.due_at = mail.created_at = now
    Mail.objects.bulk_create([mail], ignore_conflicts=True)
    queued = Mail.objects.filter(message_id=mail.message_id).first()
    if queued is not None:
        _nudge_after_commit(queued.pk)
    return queued


def known_language(text: str) -> str:
    """Return the supported language nearest to ``text``, which an app may have sent, else the default language."""
    return nearest_language(text) or settings.LANGUAGE_CODE


def record_event(
    organization: Organization, type: str, payload: dict, *, dedupe_key: str | None = None, now: dt.datetime
) -> Event | None:
    """Record an event for the organization's webhooks and feed.

    Returns None if ``dedupe_key`` was used before.
    """
    refuse_unknown_event(type)
    event_id = uuid.uuid4()
    event = Event(
        event_id=event_id, organization=organization, type=type, payload=payload, dedupe_key=dedupe_key, created_at=now
    )
    Event.objects.bulk_create([event], ignore_conflicts=True)
    return Event.objects.filter(event_id=event_id).first()


def record_events_of_type(organization_id: int, type: str, payloads: list[dict], *, now: dt.datetime) -> None:
    """Record many events of one type, without dedupe keys."""
    refuse_unknown_event(type)
    Event.objects.bulk_create(
        Event(organization_id=organization_id, type=type, payload=payload, created_at=now) for payload in payloads
    )


def _nudge_after_commit(mail_id: int) -> None:
    """Enqueue the task after the commit. If the broker is down, the sweep sends the email later."""
    transaction.on_commit(lambda: enqueue("outbox.tasks.deliver_mail", mail_id), robust=True)
