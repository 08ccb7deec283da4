"""The browser that somebody uses: a random id in its session, kept when one account signs out and another signs in."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest

DEVICE = "device"


def device_id(request: HttpRequest) -> str:
    """It grants nothing. It only shows that two accounts were used in the same browser."""
    if DEVICE not in request.session:
        request.session[DEVICE] = secrets.token_urlsafe(16)
    return request.session[DEVICE]


@contextmanager
def kept_device(request: HttpRequest) -> Iterator[None]:
    """Around whatever empties the session or begins a new one."""
    known = request.session.get(DEVICE)
    yield
    if known:
        request.session[DEVICE] = known
