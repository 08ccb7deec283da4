"""How often a key may call: counted in Redis for all; where Redis is gone, in each process at half the rate."""

import threading
import time

from django.conf import settings
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts.api_auth import Caller
from moments.breaker import Breaker
from moments.redis_urls import storage_url

BURST = 2  # seconds' worth of calls may come at once
PATIENCE = 0.2  # seconds that a call waits for Redis

redis_gone = Breaker(rest=5.0)

_local = threading.local()
_fallback = MovingWindowRateLimiter(MemoryStorage())


class Allowance:
    """What one call found: whether it may pass, how many more may, and when the window turns."""

    def __init__(self, allowed: bool, burst: int, remaining: int, reset_seconds: int) -> None:
        self.allowed = allowed
        self.headers = {
            "RateLimit-Policy": f'"key";q={burst};w={BURST}',
            "RateLimit": f'"key";r={max(remaining, 0)};t={max(reset_seconds, 0)}',
        }
        if not allowed:
            self.headers["Retry-After"] = str(max(reset_seconds, 1))


def rate_of(caller: Caller) -> int:
    """Calls a second: the app's own, else the installation's."""
    return caller.rate_per_second or default_rate()


def default_rate() -> int:
    number, _slash, unit = settings.API_RATE.partition("/")
    seconds = {"": 1, "s": 1, "m": 60}[unit]
    return max(int(number) // seconds, 1)


def spend_call(caller: Caller) -> Allowance:
    """Count one call of the caller's key."""
    rate = rate_of(caller)
    if not redis_gone.is_open():
        try:
            return _hit(_shared_limiter(), caller, rate * BURST)
        except Exception:  # whatever Redis or its client raises: the limit must not be the fault
            redis_gone.trip()
    return _hit(_fallback, caller, max(rate * BURST // 2, 1))


def _hit(limiter: MovingWindowRateLimiter, caller: Caller, burst: int) -> Allowance:
    item = RateLimitItemPerSecond(burst, BURST, namespace="moments")
    allowed = limiter.hit(item, str(caller.key_id))
    window = limiter.get_window_stats(item, str(caller.key_id))
    return Allowance(allowed, burst, window.remaining, round(window.reset_time - time.time() + 0.5))


def _shared_limiter() -> MovingWindowRateLimiter:
    if not hasattr(_local, "limiter"):
        once = Retry(NoBackoff(), 0)
        url = storage_url(settings.REDIS_URL)
        storage = RedisStorage(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=once)  # type: ignore[arg-type]
        _local.limiter = MovingWindowRateLimiter(storage)
    return _local.limiter
