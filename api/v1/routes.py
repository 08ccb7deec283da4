"""The calls of version 1, a module for each capability."""

from api.v1 import campaigns, events, exchanges, points, rewards, spend, webhooks
from api.v1.core import api

MODULES = (campaigns, rewards, events, points, exchanges, spend, webhooks)
for module in MODULES:
    api.add_router("/v1", module.router)

__all__ = ["api"]
