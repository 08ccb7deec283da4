"""How long wrong passwords for one account keep its password from being tried from the same address."""

import datetime as dt

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_failure_limit
from django.db.models import Max

from accounts.requests import SignInRequest

SHORTEST, LONGEST = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def wait_after(failures: int, *, free: int) -> dt.timedelta:
    """A minute after the last free attempt; each further one doubles it, up to an hour."""
    if failures < free:
        return dt.timedelta(0)
    return min(SHORTEST * 2 ** min(failures - free, 10), LONGEST)


class ProgressiveDelayHandler(AxesDatabaseHandler):
    """django-axes with a lock that lasts longer after each failure. Attempts made during a lock do not count.

    Failures are remembered for ``AXES_COOLOFF_TIME`` after the last one, or until a sign-in succeeds.
    """

    def get_failures(self, request: SignInRequest, credentials: dict | None = None) -> int:
        """None once the wait is over: the next attempt is then free, and a failure is added to those before."""
        failures = super().get_failures(request, credentials)
        free = get_failure_limit(request, credentials)
        if failures < free:
            return failures
        found = [
            attempts.aggregate(at=Max("attempt_time"))["at"]
            for attempts in self.get_user_attempts(request, credentials)
        ]
        until = max(at for at in found if at) + wait_after(failures, free=free)
        left = until - request.axes_attempt_time
        request.minutes_to_wait = -(-left // dt.timedelta(minutes=1))
        return failures if left > dt.timedelta(0) else 0
