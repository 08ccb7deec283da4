"""Links that lead to no reward: a few are a slip of whoever copied them, many are somebody who guesses.

Only misses are counted, by network. A link with a reward behind it always opens, from the same network too: whoever
holds it need not suffer from a neighbor.
"""

from django.http import HttpRequest
from limits import RateLimitItemPerMinute

from moments.integrations.rate_limits import hit
from moments.web.client_addresses import client_address
from redemption.session.abuse_signals import network_of

MISSES = RateLimitItemPerMinute(60, namespace="misses")
MISSES_ALONE = RateLimitItemPerMinute(30, namespace="misses")  # of one process, where Redis is gone


def record_miss(request: HttpRequest) -> int:
    """0, or in how many seconds this network may miss again."""
    spent = hit(MISSES, network_of(client_address(request)), alone=MISSES_ALONE)
    return 0 if spent.allowed else max(spent.reset_seconds, 1)
