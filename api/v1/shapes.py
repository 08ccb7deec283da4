"""What the calls of version 1 share: bodies, lists with cursors, instants, idempotency keys, ids."""

import datetime as dt
import uuid
from typing import Annotated, Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import register_converter
from django.urls.converters import StringConverter
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from accounts.api_keys.authentication import Caller
from api.compatible.routes import is_storable
from api.v1.core import RefusedCall
from moments.errors import RuleViolation
from rewards.points.event_emails import address_in

Row = TypeVar("Row", bound=Model)
EARLIEST, LATEST = 1970, 2200  # years; beyond them arithmetic with time zones may leave the calendar


class Strict(Schema):
    model_config = {"extra": "forbid"}


class Problem(Schema):
    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[dict[str, str]]
    request_id: str


PROBLEMS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 422, 429, 503), Problem)

IDEMPOTENCY_KEY: dict[str, Any] = {  # of calls that require the header, for the document
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Your own key. A repeat with the same key and body has no further effect.",
}


class AnyId(StringConverter):
    """An id of the caller's own in a path. The web server decodes paths before Django reads them, so an id may hold
    slashes and line breaks; how a route goes on after it says where it ends.
    """

    regex = r"(?s:.+)"


register_converter(AnyId, "id")


class CallerRequest(HttpRequest):
    """A request that a key has admitted."""

    auth: Caller


def text_of_instant(value: object) -> str:
    """An instant is a string with an offset; a number or a year beyond the calendar is none."""
    if not isinstance(value, str):
        raise ValueError("send an instant as RFC 3339 has it, such as 2027-05-01T12:00:00Z")
    year = value.strip()[:4]
    if not (year.isascii() and year.isdigit() and EARLIEST <= int(year) < LATEST):
        raise ValueError(f"the year is not from {EARLIEST} to {LATEST - 1}")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(text_of_instant)]


def _address(text: str) -> str:
    try:
        return address_in(text)
    except RuleViolation as refusal:
        raise ValueError(refusal.message) from None


Address = Annotated[str, AfterValidator(_address)]


def instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def instant_or_none(at: dt.datetime | None) -> str | None:
    return instant(at) if at else None


def page_of(found: QuerySet, limit: int, cursor: str) -> tuple[list[Model], str | None]:
    """So many rows, the newest first, and the cursor of the next page."""
    if cursor:
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
            raise bad_cursor(cursor)
        found = found.filter(id__lt=int(cursor))
    page = list(found[: limit + 1])
    return page[:limit], str(page[limit - 1].pk) if len(page) > limit else None


def page_by_time(found: QuerySet[Row], time: str, limit: int, cursor: str) -> tuple[list[Row], str | None]:
    """``page_of`` rows whose ids say nothing of their order: the newest by their column ``time`` first."""
    if cursor:
        anchor = found.filter(pk=uuid_or_none(cursor)).values_list(time, "pk").first()
        if anchor is None:
            raise bad_cursor(cursor)
        at, pk = anchor
        found = found.filter(Q(**{f"{time}__lte": at}) & (Q(**{f"{time}__lt": at}) | Q(pk__lt=pk)))
    page = list(found.order_by(f"-{time}", "-pk")[: limit + 1])
    return page[:limit], str(page[limit - 1].pk) if len(page) > limit else None


def bad_cursor(cursor: str) -> RefusedCall:
    return RefusedCall(400, "invalid_request", f"cursor is “{cursor[:60]}”; send the value of next as it was.")


def uuid_or_none(text: str) -> uuid.UUID | None:
    """An id in a path, a query, or a body; what is no id names nothing."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def found_by_id(found: QuerySet[Row], text: str) -> Row | None:
    """The row whose UUID an address names; None if it names none."""
    pk = uuid_or_none(text)
    return found.filter(pk=pk).first() if pk else None


def idempotency_key(request: HttpRequest, *, is_required: bool = True) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key and not is_required:
        return ""
    if not key.strip() or len(key) > 255:
        raise RefusedCall(400, "invalid_request", "Send an Idempotency-Key header of 1 to 255 characters.")
    refuse_unstorable(key)
    return key


def refuse_bad_id(name: str, value: str) -> None:
    """An id in a path."""
    if not value.strip():
        raise RefusedCall(400, "invalid_request", f"{name} is empty; send your own id.")
    if len(value) > 128:
        raise RefusedCall(400, "invalid_request", f"{name} has {len(value)} characters; 128 are allowed.")
    refuse_unstorable(value)


def refuse_unstorable(*texts: str) -> None:
    if not all(is_storable(text) for text in texts):
        raise RefusedCall(400, "invalid_request", "A character in this request cannot be stored.")
