"""Sending again, for members: one delivery, or all events of a time range."""

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.organizations.audit import AuditEvent, record
from accounts.organizations.service import require_role
from moments.errors import RuleViolation
from moments.registry import events
from outbox.kinds import OPT_IN_EVENTS, PING
from outbox.models import WebhookDelivery, WebhookEndpoint

MOST_EVENTS = 10_000
# Of the events that the endpoint chose. A delivery that is pending stays as it is.
REPLAY = """
INSERT INTO outbox_webhookdelivery AS delivery
    (event_id, endpoint_id, organization_id, status, attempts, due_at, last_error, created_at)
SELECT id, %(endpoint)s, organization_id, 'pending', 0, %(now)s, '', %(now)s FROM outbox_event
WHERE organization_id = %(organization)s AND sequence IS NOT NULL
    AND created_at >= %(start)s AND created_at < %(end)s AND type = ANY(%(types)s)
ORDER BY sequence LIMIT %(most)s
ON CONFLICT (event_id, endpoint_id) DO UPDATE
SET status = 'pending', attempts = 0, due_at = %(now)s, finished_at = NULL WHERE delivery.status <> 'pending'
"""
COUNT = """
SELECT count(*) FROM (SELECT FROM outbox_event WHERE organization_id = %(organization)s AND sequence IS NOT NULL
    AND created_at >= %(start)s AND created_at < %(end)s AND type = ANY(%(types)s) LIMIT %(most)s + 1) AS found
"""


def send_again(delivery: WebhookDelivery, *, by: Member, now: dt.datetime) -> None:
    """Send a finished delivery again, under its id and with the whole schedule. A pending one is sent at once."""
    require_role(by, *Member.EDITORS)
    _refuse_disabled(delivery.endpoint)
    with transaction.atomic():
        rows = WebhookDelivery.objects.filter(pk=delivery.pk)
        rows.filter(status=WebhookDelivery.Status.PENDING).update(due_at=now)
        rows.exclude(status=WebhookDelivery.Status.PENDING).update(
            status=WebhookDelivery.Status.PENDING, attempts=0, due_at=now, finished_at=None
        )
        record(by.organization, AuditEvent.WEBHOOK_REPLAYED, delivery.endpoint.url, by=by.user, now=now)


def _refuse_disabled(endpoint: WebhookEndpoint) -> None:
    if endpoint.status != WebhookEndpoint.Status.ACTIVE:
        raise RuleViolation("endpoint_disabled", _("This endpoint is disabled. Enable it first."))


def replay(endpoint: WebhookEndpoint, *, start: dt.datetime, end: dt.datetime, by: Member, now: dt.datetime) -> int:
    """Send the events from ``start`` until before ``end`` to the endpoint, also those that it has received. Returns how
    many.

    The receiver recognizes those that it knows by their ids.
    """
    require_role(by, *Member.EDITORS)
    _refuse_disabled(endpoint)
    if end <= start:
        raise RuleViolation("invalid_request", _("The end must be after the start."), field="end")
    about: dict[str, Any] = {
        "organization": endpoint.organization_id,
        "endpoint": endpoint.pk,
        "start": start,
        "end": end,
        "now": now,
        "types": _types(endpoint),
        "most": MOST_EVENTS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COUNT, about)
        if cursor.fetchone()[0] > MOST_EVENTS:
            message = _("This range has more than %(most)d events. Choose a shorter one.")
            raise RuleViolation("too_many_events", message % {"most": MOST_EVENTS}, field="end")
        cursor.execute(REPLAY, about)
        done = cursor.rowcount
        record(endpoint.organization, AuditEvent.WEBHOOK_REPLAYED, f"{endpoint.url} ({done})", by=by.user, now=now)
    return done


def _types(endpoint: WebhookEndpoint) -> list[str]:
    return endpoint.event_types or sorted(set(events) - OPT_IN_EVENTS - {PING})
