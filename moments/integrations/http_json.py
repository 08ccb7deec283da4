"""A single JSON call to a provider, with protection against late, endless, compressed or invalid responses."""

import contextlib
import http.client
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from moments.integrations.bounded_calls import LeftAlone, guard
from moments.integrations.deadline_connections import WatchedHttp, WatchedHttps, cut_off
from moments.integrations.exact_json import read_json
from moments.integrations.outbound_guard import is_safe, refuse_inside_a_transaction
from moments.integrations.outcomes import Declined, InvalidProviderResponse, OutcomeUnknown

CONNECT_SECONDS = 3.0
LIMIT = 1024 * 1024
TRY_LATER = {408, 425, 429}  # temporary statuses that do not concern the order


@dataclass(frozen=True)
class Answer:
    """A 2xx response with JSON, or a 4xx response with its JSON if it could be read."""

    status: int
    document: Any = field(repr=False)


def call_json(method: str, url: str, *, headers: dict[str, str], body: str | None = None) -> Answer:
    """Send one request without following redirects. Raises ``OutcomeUnknown``, ``InvalidProviderResponse``, or
    ``Declined`` if the URL is not secure.

    Takes at most ``PROVIDER_SECONDS``, and within an operator's page no longer than pages may wait.
    """
    refuse_inside_a_transaction()
    if not is_safe(url):
        raise Declined("The provider's address has to begin with https://.")
    try:
        with guard.call(urlsplit(url).netloc) as page_ends_at:
            seconds = min(page_ends_at - time.monotonic(), settings.PROVIDER_SECONDS)
            return _within(seconds, method, url, headers, body)
    except LeftAlone:
        raise OutcomeUnknown("It has just failed to answer; try again in a minute.") from None


def _within(seconds: float, method: str, url: str, headers: dict[str, str], body: str | None) -> Answer:
    ends_at = time.monotonic() + seconds
    with cut_off(ends_at) as is_late:
        try:
            with contextlib.closing(_connect(url, ends_at)) as connection:
                return _exchange(connection, method, url, headers, body)
        except (
            OutcomeUnknown,
            InvalidProviderResponse,
            OSError,
            HTTPError,
            http.client.HTTPException,
            ValueError,
        ) as error:
            if is_late.is_set():
                raise OutcomeUnknown(f"No whole answer within {seconds:.2g} seconds.") from None
            raise _as_outcome(error) from None


def _connect(url: str, ends_at: float) -> HTTPConnection:
    parts, left = urlsplit(url), max(ends_at - time.monotonic(), 0.001)
    kind = WatchedHttps if parts.scheme == "https" else WatchedHttp
    connection = kind(parts.hostname or "", parts.port, timeout=min(CONNECT_SECONDS, left))
    try:
        connection.connect()
    except (OSError, HTTPError, ValueError) as error:  # a host name too long for DNS raises ValueError
        connection.close()
        raise OutcomeUnknown(f"No connection: {type(error).__name__}.") from None
    connection.timeout = left
    return connection


def _exchange(connection: HTTPConnection, method: str, url: str, headers: dict[str, str], body: str | None) -> Answer:
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    asked = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Moments", **headers}
    if body is not None:
        asked["Content-Type"] = "application/json"
    content = None if body is None else body.encode()
    connection.request(method, target, body=content, headers=asked, preload_content=False, decode_content=False)
    response = connection.getresponse()
    if response.status >= 500 or response.status in TRY_LATER:
        raise OutcomeUnknown(f"It answered {response.status}.")
    if response.status >= 400:
        return Answer(response.status, _document_or_none(response))
    if response.status >= 300:
        raise InvalidProviderResponse(f"It answered {response.status}, and redirects are not followed.")
    return Answer(response.status, _document(response))


def _document(response: BaseHTTPResponse) -> Any:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise InvalidProviderResponse("The answer is packed, which was not asked for.")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise InvalidProviderResponse("The answer is not of type application/json.")
    try:
        return read_json(_read(response))
    except ValueError as error:
        raise InvalidProviderResponse(f"The answer is no JSON that can be read: {error}.") from None


def _document_or_none(response: BaseHTTPResponse) -> Any:
    """Return the JSON of an error response, or None; the status is sufficient."""
    try:
        return _document(response)
    except InvalidProviderResponse:
        return None


def _read(response: BaseHTTPResponse) -> bytes:
    content = b""
    while chunk := response.read(LIMIT + 1 - len(content), decode_content=False):
        content += chunk
        if len(content) > LIMIT:
            raise InvalidProviderResponse(f"The answer is longer than {LIMIT} bytes.")
    return content


def _as_outcome(error: Exception) -> Exception:
    """Convert socket and HTTP errors to outcomes. Their texts are dropped, since they may quote the response."""
    if isinstance(error, OutcomeUnknown | InvalidProviderResponse):
        return error
    if isinstance(error, OSError | HTTPError):
        return OutcomeUnknown(f"The connection broke: {type(error).__name__}.")
    return InvalidProviderResponse(f"The answer is not HTTP: {type(error).__name__}.")
