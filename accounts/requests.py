"""What signing in adds to a request, named for the types; Django makes the requests."""

import datetime as dt

from django.http import HttpRequest


class SignInRequest(HttpRequest):
    after_confirming: str | None  # where to return once the address is confirmed
    is_turned_away: bool  # django-axes refuses it, whatever the password
    axes_attempt_time: dt.datetime  # set by django-axes
    minutes_to_wait: int  # until the next attempt is possible
