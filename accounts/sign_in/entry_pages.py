"""What the ways in share."""

from functools import wraps
from urllib.parse import urlencode

from django.urls import reverse
from django.views.decorators.cache import never_cache


def no_cache_no_index(view):
    """A page on the way in: not kept, not indexed."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        response = never_cache(view)(request, *args, **kwargs)
        response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        return response

    return wrapped


def with_next(name: str, then: str) -> str:
    """The address of a named sign-in page that leads on to ``then``, a path of ours or empty."""
    return f"{reverse(name)}?{urlencode({'next': then})}" if then else reverse(name)
