"""How long somebody stays signed in: enforced here, whatever the browser keeps."""

import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import Member, User

SIGNED_IN, SEEN = "signed_in_at", "seen_at"
POLL = "X-Poll"  # sent by a page's own polling, which does not prove that somebody is there
NOTED_EVERY = 60  # seconds, so that not every page writes


def begin_session(request: HttpRequest) -> None:
    request.session[SIGNED_IN] = request.session[SEEN] = int(time.time())


def limits_of(user: User) -> tuple[int, int]:
    """In seconds: the longest pause, and the longest session."""
    works_here = user.is_staff or Member.objects.filter(user=user).exists()
    return settings.SESSION_LIMITS["console" if works_here else "customers"]


def has_ended(request: HttpRequest, user: User, now: float) -> bool:
    """Whose limits they are is asked only of a session that is beyond the shorter ones."""
    pause, age = now - request.session[SEEN], now - request.session[SIGNED_IN]
    pauses, ages = zip(*settings.SESSION_LIMITS.values(), strict=True)
    if pause <= min(pauses) and age <= min(ages):
        return False
    longest_pause, longest_age = limits_of(user)
    return pause > longest_pause or age > longest_age


class SessionLifetimeMiddleware:
    """Middleware: a session that has ended is signed out; one that is used is noted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self.check(request, request.user, time.time())
        return self.get_response(request)

    def check(self, request: HttpRequest, user: User, now: float) -> None:
        if SIGNED_IN not in request.session:
            begin_session(request)
        elif has_ended(request, user, now):
            get_adapter(request).logout(request)
            messages.info(request, _("You were signed out because your session ended. Sign in again to continue."))
        elif now - request.session[SEEN] >= NOTED_EVERY and POLL not in request.headers:
            request.session[SEEN] = int(now)
