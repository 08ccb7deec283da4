"""A visit to a points page: who it is for, kept in the session under a handle that means nothing elsewhere."""

import datetime as dt
import secrets
from dataclasses import dataclass

from django.http import HttpRequest

from moments.errors import RuleViolation
from rewards.points.hosted_page.links import PageVisit, open_page_link

VISITS = "points_visits"
MOST_VISITS = 10
MOST_KEYS = 20  # of exchanges that a visit may repeat


@dataclass(frozen=True)
class OpenVisit:
    """A visit that has not ended."""

    handle: str
    visit: PageVisit


def remember_visit(request: HttpRequest, token: str) -> str:
    """Keep the visit that a link opened in the session; its handle, the same one for the same link."""
    known = request.session.get(VISITS, {})
    handle = next((name for name, kept in known.items() if kept["token"] == token), "")
    if not handle:
        handle = secrets.token_urlsafe(9)
        kept = {"token": token, "keys": []}
        request.session[VISITS] = dict([*list(known.items())[-(MOST_VISITS - 1) :], (handle, kept)])
    return handle


def visit_or_none(request: HttpRequest, handle: str, *, now: dt.datetime) -> OpenVisit | None:
    """The visit behind ``handle``; None where the session has none, or it has ended."""
    kept = request.session.get(VISITS, {}).get(handle)
    if kept is None:
        return None
    try:
        return OpenVisit(handle, open_page_link(kept["token"], now=now))
    except RuleViolation:
        return None


def new_exchange_key(request: HttpRequest, handle: str) -> str:
    """A key for one exchange. The form carries it, so that sending the form twice exchanges once."""
    key = secrets.token_urlsafe(18)
    visits = request.session[VISITS]
    keys = [*visits[handle]["keys"], key][-MOST_KEYS:]
    request.session[VISITS] = {**visits, handle: {**visits[handle], "keys": keys}}
    return key


def is_exchange_key(request: HttpRequest, handle: str, key: str) -> bool:
    return key in request.session.get(VISITS, {}).get(handle, {}).get("keys", ())
