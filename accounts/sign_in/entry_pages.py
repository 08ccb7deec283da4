"""What the ways in share."""

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache

from moments.requests import View


def no_cache_no_index(view: View) -> View:
    """A page on the way in: not kept, not indexed."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = never_cache(view)(request, *args, **kwargs)
        response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        return response

    return wrapped


def with_next(name: str, then: str) -> str:
    """The URL of a named entry page that continues to ``then``: a path on this site, or empty."""
    return f"{reverse(name)}?{urlencode({'next': then})}" if then else reverse(name)
