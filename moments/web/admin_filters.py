"""Admin lists with invalid filters redirect to the unfiltered list instead of an error page."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.admin import AllValuesFieldListFilter
from django.core.exceptions import ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _

from moments.requests import View

UNREADABLE = (DataError, ValueError, OverflowError, ValidationError)


class InvalidFilterMiddleware:
    """Extends Django's redirect for invalid filters (``?e=1``) to all errors of PostgreSQL and conversions, in every
    list.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        has_nul = _asks_list(request) and any("\x00" in text for text in _texts(request.GET))
        return _whole_list(request) if has_nul else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _whole_list(request) if isinstance(exception, UNREADABLE) and _asks_list(request) else None


def _asks_list(request: HttpRequest) -> bool:
    is_asked = request.method in {"GET", "HEAD"} and request.META["QUERY_STRING"] not in {"", "e=1"}
    name = request.resolver_match.url_name if request.resolver_match else None
    return is_asked and request.path.startswith("/admin/") and (name or "").endswith("_changelist")


def _whole_list(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(f"{request.path}?e=1")


def _texts(query: QueryDict) -> Iterator[str]:
    for name, values in query.lists():
        yield name
        yield from (str(value) for value in values)


class NamedValuesFilter(AllValuesFieldListFilter):
    """A filter with every value of a column, with a label for the empty one."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or _("none")}
