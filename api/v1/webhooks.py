"""What was sent to webhook endpoints, and the same events by pull."""

from typing import Any, cast

from ninja import Field, Query, Router, Schema

from api.v1.shapes import PROBLEMS, CallerRequest, instant, instant_or_none, page_of
from outbox.kinds import PING
from outbox.models import WebhookDelivery
from outbox.webhooks.listing import deliveries_of, feed_of
from outbox.webhooks.messages import envelope, message_id

router = Router(tags=["webhooks"])
LARGEST = 2**63 - 1
Status = WebhookDelivery.Status

EVENT: dict[str, Any] = {
    "id": "evt_2f8ad7d1c0a94c6f9a3f6e0c5b1d7e42",
    "type": "points.exchanged",
    "timestamp": "2027-05-01T12:00:00.000Z",
    "sequence": 1042,
    "data": {
        "user": "user-1041",
        "app": "0f0b6d7e-6a1c-4a59-9d3c-6d4f0a3f8f11",
        "tier": 7,
        "points": 200,
        "reward": "6b1f3a0e-7b0e-4f5e-8a55-0d2e4b6c8a90",
        "available": 40,
        "reward_url": "https://moments.example.com/r/…",
    },
}
DELIVERY: dict[str, Any] = {
    "id": 81,
    "endpoint": "d9b8a7c6-1f2e-4d3c-8b7a-6f5e4d3c2b1a",
    "url": "https://example.com/webhooks",
    "event": EVENT["id"],
    "type": EVENT["type"],
    "sequence": EVENT["sequence"],
    "status": "pending",
    "attempts": 1,
    "response_status": 503,
    "error": "It answered 503.",
    "created_at": "2027-05-01T12:00:00Z",
    "next_attempt_at": "2027-05-01T12:00:05Z",
    "finished_at": None,
}


class EventOut(Schema):
    model_config = {"json_schema_extra": {"example": EVENT}}

    id: str = Field(description="The webhook-id of its deliveries.")
    type: str
    timestamp: str = Field(description="RFC 3339: when it happened.")
    sequence: int = Field(description="Counts the events of your organization, in order.")
    data: dict[str, Any]


class FeedOut(Schema):
    model_config = {"json_schema_extra": {"example": {"data": [EVENT], "next": "1042"}}}

    data: list[EventOut]
    next: str | None = Field(description="Send it as after to read on; null when there is nothing more now.")


class DeliveryOut(Schema):
    model_config = {"json_schema_extra": {"example": DELIVERY}}

    id: int
    endpoint: str = Field(description="The endpoint's id.")
    url: str
    event: str = Field(description="The event's id, which is the webhook-id.")
    type: str
    sequence: int | None
    status: Status = Field(description="pending: it will be tried again. failed: it was given up.")
    attempts: int
    response_status: int | None = Field(description="HTTP status of the last response; null if there was none.")
    error: str | None = Field(description="Why the last attempt failed.")
    created_at: str = Field(description="RFC 3339.")
    next_attempt_at: str | None = Field(description="RFC 3339; null unless it is pending.")
    finished_at: str | None = Field(description="RFC 3339; null while it is pending.")


class DeliveriesOut(Schema):
    model_config = {"json_schema_extra": {"example": {"data": [DELIVERY], "next": None}}}

    data: list[DeliveryOut]
    next: str | None = Field(description="Send it as cursor for the next page; null on the last.")


@router.get("/feed", response={200: FeedOut, **PROBLEMS}, summary="Events, in order")
def get_feed(
    request: CallerRequest,
    after: int = Query(0, ge=0, le=LARGEST, description="The sequence of the last event that you have."),
    limit: int = Query(50, ge=1, le=200),
) -> FeedOut:
    """The events of your organization after a sequence number, as webhooks send them, without opt-in events that no
    endpoint chose. With a test key: test events only."""
    caller = request.auth
    found = feed_of(caller.app.organization_id, after=after, limit=limit + 1, is_live=caller.is_live)
    data = [EventOut(id=message_id(event), **envelope(event, data)) for event, data in found[:limit]]
    return FeedOut(data=data, next=str(data[-1].sequence) if len(found) > limit else None)


@router.get("/webhook-deliveries", response={200: DeliveriesOut, **PROBLEMS}, summary="Webhook deliveries")
def get_webhook_deliveries(
    request: CallerRequest,
    status: Status | None = None,
    limit: int = Query(50, ge=1, le=200),
    cursor: str = "",
) -> DeliveriesOut:
    """What was sent to the endpoints of your organization in the last 30 days, the newest first. With a test key: test
    events only."""
    found = deliveries_of(request.auth.app.organization_id)
    if not request.auth.is_live:
        found = found.filter(event__type=PING)
    if status:
        found = found.filter(status=status)
    page, following = page_of(found, limit, cursor)
    return DeliveriesOut(data=[as_listed(cast(WebhookDelivery, delivery)) for delivery in page], next=following)


def as_listed(delivery: WebhookDelivery) -> DeliveryOut:
    is_pending = delivery.status == Status.PENDING
    return DeliveryOut(
        id=delivery.pk,
        endpoint=str(delivery.endpoint_id),
        url=delivery.endpoint.url,
        event=message_id(delivery.event),
        type=delivery.event.type,
        sequence=delivery.event.sequence,
        status=Status(delivery.status),
        attempts=delivery.attempts,
        response_status=delivery.response_status,
        error=delivery.last_error or None,
        created_at=instant(delivery.created_at),
        next_attempt_at=instant(delivery.due_at) if is_pending else None,
        finished_at=instant_or_none(delivery.finished_at),
    )
