"""What members and API keys read of events and deliveries."""

import datetime as dt
import json
from dataclasses import dataclass

from django.db.models import QuerySet

from outbox.kinds import PING
from outbox.models import Event, WebhookAttempt, WebhookDelivery
from outbox.webhooks.messages import data_of, message_id


def deliveries_of(organization_id: int) -> QuerySet[WebhookDelivery]:
    """Return the organization's deliveries, the newest first."""
    found = WebhookDelivery.objects.filter(organization_id=organization_id)
    return found.select_related("event", "endpoint").order_by("-id")


def feed_of(organization_id: int, *, after: int, limit: int, is_live: bool = True) -> list[tuple[Event, dict]]:
    """Return events after a sequence number, in order, each with what a webhook would send.

    A test key causes no events and must not read reward URLs of live rewards, so it gets test events alone.
    """
    found = Event.objects.filter(organization_id=organization_id, sequence__gt=after).order_by("sequence")
    if not is_live:
        found = found.filter(type=PING)
    events = list(found[:limit])
    data = data_of(events)
    return [(event, data[event.pk]) for event in events]


@dataclass(frozen=True)
class ShownAttempt:
    """An attempt with its request, as people read it. The signature is not kept."""

    attempt: WebhookAttempt
    request_headers: str
    response_body: str


def shown_attempts(delivery: WebhookDelivery) -> list[ShownAttempt]:
    """Return the attempts of a delivery, the latest first."""
    id = message_id(delivery.event)
    return [
        ShownAttempt(attempt, _headers(id, attempt.occurred_at), _indented(attempt.response_body))
        for attempt in delivery.log.order_by("-id")
    ]


def _headers(id: str, at: dt.datetime) -> str:
    return f"webhook-id: {id}\nwebhook-timestamp: {int(at.timestamp())}\nwebhook-signature: v1,…"


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
