"""What both faces of the API ask of every call before they read it: a key, an address, a rate."""

import datetime as dt
from dataclasses import dataclass

from accounts.api_auth import client_address, find_key, may_call_from, note_use
from accounts.models import ApiKey
from rewards.api.limits import Allowance, spend_call


@dataclass(frozen=True)
class Entry:
    """A call that may be read (``refused`` is ""), or why not: no_key, ip_not_allowed, rate_limited."""

    key: ApiKey | None
    refused: str = ""
    allowance: Allowance | None = None


def enter(request, secret: str, *, now: dt.datetime) -> Entry:
    key = find_key(secret, now=now) if secret else None
    if key is None:
        return Entry(None, "no_key")
    if not may_call_from(key.app, client_address(request)):
        return Entry(None, "ip_not_allowed")
    allowance = spend_call(key)
    if not allowance.allowed:
        return Entry(None, "rate_limited", allowance)
    note_use(key, now=now)
    return Entry(key, "", allowance)
