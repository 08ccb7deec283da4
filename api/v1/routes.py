"""The calls of version 1, a module for each capability."""

from api.v1 import campaigns, events, exchanges, points, rewards, webhooks
from api.v1.core import api

for router in (campaigns.router, rewards.router, events.router, points.router, exchanges.router, webhooks.router):
    api.add_router("/v1", router)

__all__ = ["api"]
