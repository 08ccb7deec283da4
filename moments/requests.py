"""What middleware adds to a request, named for the types; Django makes the requests."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


class MomentsRequest(HttpRequest):
    request_id: str
    speaks: bool  # whether the page is one for customers, in their language
