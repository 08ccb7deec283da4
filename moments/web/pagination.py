"""Lists page by page: a page starts where the one beside it ended, however long the list is."""

import uuid
from dataclasses import dataclass, field
from typing import Generic, TypedDict, TypeVar

from django.db.models import Model
from django.http import HttpRequest, QueryDict

Row = TypeVar("Row", bound=Model)
PLACE = ("after", "before")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """``after`` and ``before`` are ids of rows to go on from; None where there is nothing more."""

    rows: list[Row] = field(default_factory=list)
    after: uuid.UUID | None = None
    before: uuid.UUID | None = None


def page_of(found: list[Row], *, size: int, is_first: bool, backwards: bool) -> Page[Row]:
    """``found`` is one row more than ``size`` where there are more, in the order in which it was read: ``backwards``
    toward the list's beginning."""
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


def place_of(request: HttpRequest) -> Place:
    """``after`` and ``before`` as a page's address has them; what is no id is no place."""
    after, before = (_uuid_or_none(request.GET.get(name, "")) for name in PLACE)
    return {"after": after, "before": before}


def without_place(request: HttpRequest) -> QueryDict:
    """What a page's address asks for, but for the place in the list; to be changed at will."""
    query = request.GET.copy()
    for name in PLACE:
        query.pop(name, None)
    return query


def _uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
