"""Rate limit for invalid reward links, to stop token guessing.

Only misses are counted, per network. A valid link always opens, even from a network that exceeded the limit.
"""

from django.http import HttpRequest
from limits import RateLimitItemPerMinute

from moments.integrations.rate_limits import hit
from moments.web.client_addresses import client_address
from redemption.session.abuse_signals import network_of

MISSES = RateLimitItemPerMinute(60, namespace="misses")
MISSES_ALONE = RateLimitItemPerMinute(30, namespace="misses")  # per process, if Redis is down


def record_miss(request: HttpRequest) -> int:
    """Count a miss. Returns 0, or the seconds to wait once the network exceeded the limit."""
    spent = hit(MISSES, network_of(client_address(request)), alone=MISSES_ALONE)
    return 0 if spent.allowed else max(spent.reset_seconds, 1)
