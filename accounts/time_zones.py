"""Times are shown in the reader's time zone: the one they chose, else the one that their browser sent last.

On the pages of an account and of its orders, ``static/js/zone.js`` writes the browser's zone into a cookie. Pages of
rewards have no script and set no cookie but those of the session and of CSRF. Until a zone is known the caller's
fallback counts: that of the store or campaign. Times always name their zone.
"""

import contextlib
import functools
import zoneinfo
from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from moments.requests import MomentsRequest

COOKIE = "time_zone"
NOT_CHOSEN = "UTC"


@functools.cache
def known_zones() -> frozenset[str]:
    return frozenset(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")


def zone_of_browser(request: HttpRequest) -> str:
    """Empty where there is no cookie, or one that names no zone."""
    zone = request.COOKIES.get(COOKIE, "")
    return zone if zone in known_zones() else ""


def zone_of_user(user: User | AnonymousUser | None, fallback: str = "UTC") -> str:
    """For emails and files, which no browser asks for."""
    if user is None or user.is_anonymous:
        return fallback
    return user.time_zone if user.time_zone != NOT_CHOSEN else user.browser_time_zone or fallback


def zone_of_reader(request: HttpRequest, fallback: str = "UTC") -> str:
    """For a page."""
    return zone_of_user(getattr(request, "user", None), "") or zone_of_browser(request) or fallback


def reader_zone_context(request: HttpRequest) -> dict[str, Callable[[str], str]]:
    """Context processor for ``reader_time`` and ``reader_expiry``, which know no accounts."""
    return {"reader_zone": functools.partial(zone_of_reader, request)}


def keep_zone(reader: User | AnonymousUser, zone: str) -> None:
    if reader.is_authenticated and reader.browser_time_zone != zone:
        User.objects.filter(pk=reader.pk).update(browser_time_zone=zone)
        reader.browser_time_zone = zone


def time_zone_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[MomentsRequest], HttpResponse]:
    """Middleware. On customers' pages, whoever is signed in has what their browser says kept for emails."""

    def middleware(request: MomentsRequest) -> HttpResponse:
        zone = zone_of_browser(request)
        if zone and request.speaks:
            with contextlib.suppress(
                OperationalError, InterfaceError
            ):  # the page itself says that the database is gone
                keep_zone(request.user, zone)
        return get_response(request)

    return middleware
