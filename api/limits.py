"""How often a key may call: so many a second, and twice as many at once; half of it where Redis is gone."""

from django.conf import settings
from limits import RateLimitItemPerSecond

from accounts.api_keys.authentication import Caller
from moments.integrations.rate_limits import RateLimitResult, hit

BURST = 2  # seconds' worth of calls may come at once


class CallLimit:
    """What one call found: whether it may pass, how many more may, and when the window turns."""

    def __init__(self, spent: RateLimitResult) -> None:
        self.allowed = spent.allowed
        self.headers = {
            "RateLimit-Policy": f'"key";q={spent.most};w={BURST}',
            "RateLimit": f'"key";r={spent.remaining};t={spent.reset_seconds}',
        }
        if not spent.allowed:
            self.headers["Retry-After"] = str(max(spent.reset_seconds, 1))


def rate_of(caller: Caller) -> int:
    """Calls a second: the app's own, else the installation's."""
    return caller.rate_per_second or default_rate()


def default_rate() -> int:
    number, _slash, unit = settings.API_RATE.partition("/")
    seconds = {"": 1, "s": 1, "m": 60}[unit]
    return max(int(number) // seconds, 1)


def hit_call_limit(caller: Caller) -> CallLimit:
    """Count one call of the caller's key."""
    most = rate_of(caller) * BURST
    return CallLimit(hit(_calls(most), str(caller.key_id), alone=_calls(max(most // 2, 1))))


def _calls(most: int) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(most, BURST, namespace="moments")
