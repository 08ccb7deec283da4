"""What both faces of the API ask of every call before they read it: a key, an address, a rate."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.api_keys.authentication import Caller, find_caller, may_call_from, note_use
from api.limits import CallLimit, hit_call_limit
from moments.web.client_addresses import client_address


@dataclass(frozen=True)
class Admission:
    """A call that may be read (``refused`` is ""), or why not: no_key, ip_not_allowed, rate_limited."""

    caller: Caller | None
    refused: str = ""
    allowance: CallLimit | None = None


def admit(request: HttpRequest, secret: str) -> Admission:
    """Decide about a call, and note on the request whose it is and why it was refused, for the log."""
    entry = _decide(request, secret)
    request.api_refusal = entry.refused  # type: ignore[attr-defined]
    return entry


def _decide(request: HttpRequest, secret: str) -> Admission:
    caller = find_caller(secret) if secret else None
    request.api_caller = caller  # type: ignore[attr-defined]
    if caller is None:
        return Admission(None, "no_key")
    if not may_call_from(caller, client_address(request)):
        return Admission(None, "ip_not_allowed")
    entry = count_call(caller)
    if entry.caller:
        note_use(entry.caller)
    return entry


def count_call(caller: Caller) -> Admission:
    """Whether the caller's rate lets one more call pass."""
    allowance = hit_call_limit(caller)
    return Admission(caller, "", allowance) if allowance.allowed else Admission(None, "rate_limited", allowance)
