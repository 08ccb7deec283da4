"""Keyset pagination: a page starts after the last row of the previous one."""

import uuid
from dataclasses import dataclass, field
from typing import Generic, TypedDict, TypeVar

from django.db.models import Model
from django.http import HttpRequest, QueryDict

Row = TypeVar("Row", bound=Model)
PLACE = ("after", "before")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A page of rows. ``after`` and ``before`` are ids for the next and previous page; None if there is none."""

    rows: list[Row] = field(default_factory=list)
    after: uuid.UUID | int | None = None
    before: uuid.UUID | int | None = None


def page_of(found: list[Row], *, size: int, is_first: bool, backwards: bool) -> Page[Row]:
    """Return a page from ``found``, which has one more row than ``size`` if there are more. ``backwards`` means that
    the rows were read toward the beginning of the list.
    """
    more, rows = len(found) > size, found[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return Page()
    return Page(
        rows,
        after=rows[-1].pk if more or backwards else None,
        before=rows[0].pk if not is_first and (more or not backwards) else None,
    )


class Place(TypedDict):
    after: uuid.UUID | None
    before: uuid.UUID | None


class NumberPlace(TypedDict):
    after: int | None
    before: int | None


def place_of(request: HttpRequest) -> Place:
    """Return ``after`` and ``before`` from the query string; invalid ids become None."""
    after, before = (_uuid_or_none(request.GET.get(name, "")) for name in PLACE)
    return {"after": after, "before": before}


def number_place_of(request: HttpRequest) -> NumberPlace:
    """The same for rows whose ids are numbers."""
    after, before = (_number_or_none(request.GET.get(name, "")) for name in PLACE)
    return {"after": after, "before": before}


def without_place(request: HttpRequest) -> QueryDict:
    """Return a mutable copy of the query string without ``after`` and ``before``."""
    query = request.GET.copy()
    for name in PLACE:
        query.pop(name, None)
    return query


def _uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _number_or_none(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
