"""What is sent: the body of an event, and the headers of Standard Webhooks 1.0."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import logging
from collections import defaultdict
from collections.abc import Iterable

from moments.registry import event_data
from moments.security.log_redaction import redact_secrets
from moments.version import VERSION
from outbox.models import Event
from outbox.webhooks.endpoints import PREFIX

logger = logging.getLogger(__name__)

MAX_BYTES = 20_000


def message_id(event: Event) -> str:
    """Return the id of an event, the same at every attempt and in the feed."""
    return f"evt_{event.event_id.hex}"


def data_of(events: Iterable[Event]) -> dict[int, dict]:
    """Return what is sent about each event, by its id, completed by the app that registered its type."""
    found: dict[int, dict] = {}
    by_type: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.pk] = event.payload
        if event.type in event_data:
            by_type[event.type].append(event)
    for type, some in by_type.items():
        completed = event_data[type]([event.payload for event in some])
        found |= {event.pk: payload for event, payload in zip(some, completed, strict=True)}
    return found


def envelope(event: Event, data: dict) -> dict:
    created = event.created_at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": event.type, "timestamp": created, "sequence": event.sequence, "data": data}


def bodies_of(events: Iterable[Event]) -> dict[int, bytes]:
    """Return the body of each event, by its id, without those that cannot be rendered."""
    events = list(events)
    try:
        data = data_of(events)
        return {event.pk: _as_json(envelope(event, data[event.pk])) for event in events}
    except Exception:
        if len(events) > 1:  # one bad event must not hold up the others
            return {pk: body for event in events for pk, body in bodies_of([event]).items()}
        logger.exception("The body of an event could not be rendered.")
        return {}


def _as_json(document: dict) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) > MAX_BYTES:
        raise ValueError(f"The payload of a {document['type']} event is {len(text)} bytes; {MAX_BYTES} are allowed.")
    return text


def shown_body(event: Event) -> str:
    """Return the body for people, indented and with reward URLs masked."""
    document = envelope(event, data_of([event])[event.pk])
    return redact_secrets(json.dumps(document, ensure_ascii=False, indent=2))


def headers_of(id: str, body: bytes, secrets: list[str], *, now: dt.datetime) -> dict[str, str]:
    """Return the headers of an attempt. Every live secret signs."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Moments-Webhooks/{VERSION}",
        "Accept-Encoding": "identity",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, f"{id}.{timestamp}.".encode() + body) for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
