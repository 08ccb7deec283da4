"""Rate limits, counted in Redis for all processes, or per process if Redis is down."""

import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from moments.devserver.redis_urls import storage_url
from moments.integrations.circuit_breaker import CircuitBreaker

PATIENCE = 0.2  # timeout for Redis in seconds

redis_gone = CircuitBreaker(cooldown=5.0, name="Redis", meanwhile="Each process limits the API at half the rate.")

_local = threading.local()
_alone = MovingWindowRateLimiter(MemoryStorage())


@dataclass(frozen=True)
class RateLimitResult:
    """The result of counting a call: whether it is allowed, the limit, the calls left and the seconds until the window
    resets.
    """

    allowed: bool
    most: int
    remaining: int
    reset_seconds: int


def hit(item: RateLimitItem, key: str, *, alone: RateLimitItem) -> RateLimitResult:
    """Count a call of ``key`` against ``item`` in Redis, or against ``alone`` in this process. Never raises."""
    if not redis_gone.is_open():
        try:
            spent = _spend(_shared(), item, key)
        except Exception as error:  # a failure of Redis must not break the call
            redis_gone.trip(error)
        else:
            redis_gone.close()
            return spent
    return _spend(_alone, alone, key)


def _spend(limiter: MovingWindowRateLimiter, item: RateLimitItem, key: str) -> RateLimitResult:
    allowed = limiter.hit(item, key)
    window = limiter.get_window_stats(item, key)
    return RateLimitResult(
        allowed, item.amount, max(window.remaining, 0), max(round(window.reset_time - time.time() + 0.5), 0)
    )


def _shared() -> MovingWindowRateLimiter:
    if not hasattr(_local, "limiter"):
        once = Retry(NoBackoff(), 0)
        url = storage_url(settings.REDIS_URL)
        timeouts: dict[str, Any] = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": once}
        storage = RedisStorage(url, **timeouts)
        _local.limiter = MovingWindowRateLimiter(storage)
    return _local.limiter
