"""What of a request and its response goes to the log."""

import time

from django.http import HttpRequest, HttpResponse

from api.call_log.recorder import recorder
from api.call_log.rows import HINT, MAX_READ, CallRecord
from moments.registry import api_call_answered


@api_call_answered.provide
def record_call(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    if not recorder.is_collecting:
        return
    caller = getattr(request, "api_caller", None)
    presented = "" if caller else presented_key(request)
    if caller is None and not presented:
        return
    match = request.resolver_match
    asked = getattr(request, "_body", b"")  # not read if the call was refused before
    answered = b"" if response.streaming else response.content
    record = CallRecord(
        answered=time.monotonic(),
        seconds=seconds,
        method=request.method or "",
        path=request.get_full_path(),
        status=response.status_code,
        request_id=getattr(request, "request_id", ""),
        user_in_path=match.kwargs.get("user_id", "") if match else "",
        caller=caller,
        presented=presented,
        refusal=getattr(request, "api_refusal", ""),
        request_body=asked[:MAX_READ],
        request_size=len(asked),
        response_body=answered[:MAX_READ],
        response_size=len(answered),
    )
    recorder.add(record, caller)


def presented_key(request: HttpRequest) -> str:
    """Return how the key begins that came with a call, in either header; empty if none did."""
    scheme, _space, bearer = request.headers.get("Authorization", "").partition(" ")
    key = request.headers.get("x-api-key", "") or (bearer if scheme.lower() == "bearer" else "")
    return key[:HINT] if key.startswith("mk_") else ""
