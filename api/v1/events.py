"""Users' actions: reported one by one or up to 500 at a time, and taken back."""

import re
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Body, Field, Router, Schema
from pydantic import BaseModel, ConfigDict, Discriminator, StrictInt, Tag, ValidationError

from api.v1.shapes import (
    PROBLEMS,
    Address,
    CallerRequest,
    Instant,
    Strict,
    idempotency_key,
    refuse_bad_id,
    refuse_unstorable,
)
from moments import clock, money
from moments.errors import RuleViolation
from rewards.points import reversals
from rewards.points.events import MOST, REFUSED, EventRequest, EventResult, record_event, record_events

router = Router(tags=["points"])
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


# A call reads 500 of these. Ninja's ``Schema``, which also reads instances of models, takes much longer.
class EventIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    event_id: str = Field(min_length=1, max_length=128, description="Yours; the same one counts once.")
    user_id: str = Field(min_length=1, max_length=128, description="Your own id of the user.")
    action: str = Field(min_length=1, max_length=60, description="What the program's rule calls it.")
    category: str = Field("", max_length=60, description="A product category that the program knows.")
    quantity: StrictInt = Field(1, ge=0, le=1_000_000, description="For rules with points per unit.")
    amount: str | None = Field(None, max_length=30, description="Money as a string such as 19.99, with its currency.")
    currency: str = Field("", pattern="^([A-Z]{3})?$", description="ISO 4217, for the amount.")
    occurred_at: Instant | None = Field(None, description="RFC 3339; now if absent, up to 7 days ago.")
    email: Address | None = Field(
        None,
        description="The user's address. We email the rewards of automatic exchanges that this event causes there, use "
        "it for nothing else, and delete it when this event can cause no more.",
    )


class EventsIn(Strict):
    events: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=MOST,
        description="Up to 500 events. Each has a result of its own; a refused event does not affect the others.",
        json_schema_extra={"items": EventIn.model_json_schema()},
    )


def _variant(body: Any) -> str:
    return "many events" if isinstance(body, dict) and "events" in body else "one event"


Report = Annotated[
    Annotated[EventIn, Tag("one event")] | Annotated[EventsIn, Tag("many events")], Discriminator(_variant)
]
REPORT = Body(...)


class EventOut(Schema):
    event_id: str
    points: int = Field(description="What this event earned.")
    pending: int = Field(description="Those of them that cannot be spent yet.")
    available: int = Field(description="The user's balance now.")
    replayed: bool = Field(description="True: this event had been counted before.")
    reward_urls: list[str] = Field(description="Of rewards that the event's points were exchanged for automatically.")


class EventResultOut(BaseModel):
    event_id: str
    status: str = Field(description="counted, replayed, or refused.")
    points: int
    pending: int
    code: str | None = None
    detail: str | None = None


class EventsOut(Schema):
    results: list[EventResultOut] = Field(description="In the order of the events.")


class ReversalIn(Strict):
    quantity: StrictInt | None = Field(None, ge=1, le=1_000_000, description="The part of the quantity to take back.")
    amount: str | None = Field(None, max_length=30, description="The part of the amount, in the event's currency.")
    reason: str = Field("", max_length=300)


class ReversalOut(Schema):
    event_id: str
    points: int = Field(description="Taken back by this call.")
    reversed: int = Field(description="Taken back from this event in all.")
    available: int
    pending: int
    owed: int = Field(description="Taken back after it was spent; the next credits pay it.")
    replayed: bool


@router.post("/events", response={200: EventOut | EventsOut, **PROBLEMS}, summary="Report users' actions")
def post_events(request: CallerRequest, body: Report = REPORT) -> EventOut | EventsOut:
    """One event, or up to 500 as ``{"events": [...]}``, which are answered one by one. Each ``event_id`` of an app
    counts once, for ever. Events may come up to 7 days late and in any order; the rules of an event's own time decide.
    With a test key they count on the program's test ledger."""
    caller = request.auth
    if isinstance(body, EventIn):
        refuse_unstorable(body.event_id, body.user_id, body.action, body.category)
        result = record_event(caller.app, as_request(body), is_live=caller.is_live, now=clock.now())
        return EventOut(
            event_id=result.event_id,
            points=result.points,
            pending=result.pending,
            available=result.available,
            replayed=result.is_replay,
            reward_urls=[issued.url for issued in result.exchanged],
        )
    return EventsOut(results=_record(request, body.events))


@router.post(
    "/events/{id:event_id}/reverse", response={200: ReversalOut, **PROBLEMS}, summary="Take back an event's points"
)
def reverse_event(
    request: CallerRequest, event_id: str, response: HttpResponse, body: ReversalIn | None = None
) -> ReversalOut:
    """All of them, or the share of ``quantity`` or ``amount``; a part needs an ``Idempotency-Key`` header. What was
    spent already is owed: the next credits pay it, and the balance never goes below zero."""
    refuse_bad_id("event_id", event_id)
    part = body or ReversalIn.model_validate({})
    refuse_unstorable(part.reason)
    is_part = part.quantity is not None or part.amount is not None
    key = idempotency_key(request, is_required=is_part)
    currency = reversals.currency_of(request.auth.app, event_id, is_live=request.auth.is_live)
    done = reversals.reverse_event(
        request.auth.app,
        event_id,
        quantity=part.quantity,
        amount_minor=None if part.amount is None else money.parse(part.amount, currency or "USD"),
        reason=part.reason,
        idempotency_key=key,
        is_live=request.auth.is_live,
        now=clock.now(),
    )
    if done.is_replay:
        response["Idempotent-Replayed"] = "true"
    return ReversalOut(
        event_id=event_id,
        points=done.points,
        reversed=done.reversed,
        available=done.available,
        pending=done.pending,
        owed=done.owed,
        replayed=done.is_replay,
    )


def as_request(event: EventIn) -> EventRequest:
    """Raises ``RuleViolation`` for an amount that is none of its currency."""
    if (event.amount is None) != (not event.currency):
        raise RuleViolation("invalid_request", "Send amount and currency together, or neither.", field="amount")
    return EventRequest(
        event_id=event.event_id,
        app_user_id=event.user_id,
        action=event.action,
        category=event.category,
        quantity=event.quantity,
        amount_minor=None if event.amount is None else money.parse(event.amount, event.currency),
        currency=event.currency,
        occurred_at=event.occurred_at,
        email=event.email or "",
    )


def _record(request: CallerRequest, raw: list[dict[str, Any]]) -> list[EventResultOut]:
    """Events that cannot be read are answered in their places; the others are counted."""
    readable: dict[int, EventRequest] = {}
    results: dict[int, EventResult] = {}
    for index, event in enumerate(raw):
        try:
            readable[index] = _read(event)
        except RuleViolation as refusal:
            named = event.get("event_id")
            results[index] = EventResult(
                named if isinstance(named, str) else "", REFUSED, code="invalid_request", detail=refusal.message
            )
    if readable:
        done = record_events(request.auth.app, list(readable.values()), is_live=request.auth.is_live, now=clock.now())
        results |= dict(zip(readable, done, strict=True))
    return [_shown(results[index]) for index in range(len(raw))]


def _read(event: dict[str, Any]) -> EventRequest:
    try:
        found = EventIn.model_validate(event)
    except ValidationError as error:
        problems = "; ".join(
            f"{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)[:5]
        )
        raise RuleViolation("invalid_request", problems) from None
    if any(map(UNSTORABLE.search, (found.event_id, found.user_id, found.action, found.category))):
        raise RuleViolation("invalid_request", "A character in this event cannot be stored.")
    return as_request(found)


def _shown(result: EventResult) -> EventResultOut:
    return EventResultOut(
        event_id=UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", result.event_id),
        status=result.status,
        points=result.points,
        pending=result.pending,
        code=result.code or None,
        detail=UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", result.detail) or None,
    )
