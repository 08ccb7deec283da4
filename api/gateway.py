"""What both faces of the API ask of every call before they read it: a key, an address, a rate."""

from dataclasses import dataclass

from accounts.api_keys.authentication import Caller, find_caller, may_call_from, note_use
from api.limits import Allowance, spend_call
from moments.web.client_addresses import client_address


@dataclass(frozen=True)
class Entry:
    """A call that may be read (``refused`` is ""), or why not: no_key, ip_not_allowed, rate_limited."""

    caller: Caller | None
    refused: str = ""
    allowance: Allowance | None = None


def enter(request, secret: str) -> Entry:
    caller = find_caller(secret) if secret else None
    if caller is None:
        return Entry(None, "no_key")
    if not may_call_from(caller, client_address(request)):
        return Entry(None, "ip_not_allowed")
    entry = count_call(caller)
    if entry.caller:
        note_use(entry.caller)
    return entry


def count_call(caller: Caller) -> Entry:
    """Whether the caller's rate lets one more call pass."""
    allowance = spend_call(caller)
    return Entry(caller, "", allowance) if allowance.allowed else Entry(None, "rate_limited", allowance)
