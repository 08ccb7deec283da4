"""What middleware adds to a request, named for the types; Django makes the requests."""

from django.http import HttpRequest


class MomentsRequest(HttpRequest):
    request_id: str
    speaks: bool  # whether the page is one for customers, in their language
