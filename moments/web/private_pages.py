"""Pages for one person: what browsers, caches, and robots may do with them."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from moments.requests import View

NO_REFERRER = {"Referrer-Policy": "no-referrer"}


def private(view: View) -> View:
    """Decorate a view so that its page is not cached or indexed and its URL is not sent to other sites.

    ``no-referrer`` would make browsers send ``Origin: null`` with the page's own forms, which CSRF protection rejects.
    Only the response to the token link, which has no form, uses it.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = never_cache(view)(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


def see_other(path: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": path, **NO_REFERRER})
