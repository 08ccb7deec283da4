"""Types for attributes that middleware adds to requests."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


class MomentsRequest(HttpRequest):
    request_id: str
    speaks: bool  # whether the page is localized for customers
