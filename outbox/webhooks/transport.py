"""One request to a receiver, over a connection that is kept for the next one."""

import contextlib
import datetime as dt
import http.client
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from moments.integrations.deadline_connections import cut_off
from moments.integrations.public_addresses import NotPublic, Vetted, connection_to
from moments.security.log_redaction import redact_secrets
from outbox.webhooks.schedule import asked_delay

ANSWER_SECONDS = 15.0  # for a whole response, connection included
CONNECT_SECONDS = 10.0
MOST_BYTES = 64 * 1024  # of a response
KEPT_BYTES = 2000  # of a response, in the log
KEPT_CONNECTIONS = 2  # of an endpoint
IDLE_SECONDS = 50.0
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Answer:
    """The outcome of a request. ``status`` is None if there was no response; ``error`` says why it failed."""

    status: int | None
    error: str
    body: str
    seconds: float
    asked: dt.timedelta | None = None

    @property
    def is_success(self) -> bool:
        return not self.error


class Connections:
    """Idle connections by URL, so that a receiver that gets many events is not greeted for each."""

    def __init__(self) -> None:
        self._idle: dict[str, list[tuple[Vetted, float]]] = {}
        self._changing = threading.Lock()

    def take(self, url: str) -> Vetted | None:
        """Return an idle connection, or None."""
        with self._changing:
            idle = self._idle.get(url)
            while idle:
                connection, since = idle.pop()
                if time.monotonic() - since < IDLE_SECONDS:
                    return connection
                connection.close()
        return None

    def keep(self, url: str, connection: Vetted) -> None:
        with self._changing:
            idle = self._idle.setdefault(url, [])
            if len(idle) < KEPT_CONNECTIONS:
                idle.append((connection, time.monotonic()))
                return
        connection.close()

    def close_old(self, older_than: float = IDLE_SECONDS) -> None:
        with self._changing:
            now = time.monotonic()
            for url, idle in list(self._idle.items()):
                fresh = [(connection, since) for connection, since in idle if now - since < older_than]
                for connection, since in idle:
                    if now - since >= older_than:
                        connection.close()
                if fresh:
                    self._idle[url] = fresh
                else:
                    del self._idle[url]


def post(connections: Connections, url: str, body: bytes, headers: dict[str, str], *, now: dt.datetime) -> Answer:
    """Send one request. Redirects are not followed. Never raises."""
    began = time.monotonic()
    response, error, content = None, "", b""
    with cut_off(began + ANSWER_SECONDS) as is_late:
        try:
            response, content = _exchange(connections, url, body, headers, began + ANSWER_SECONDS)
        except (OSError, HTTPError, http.client.HTTPException, ValueError) as failed:
            error = _sentence(failed)
    if is_late.is_set() and error:
        error = f"No complete response within {ANSWER_SECONDS:g} seconds."
    status = response.status if response is not None else None
    asked = None
    if response is not None and not error:
        error = "" if 200 <= response.status < 300 else _about_status(response.status)
        asked = asked_delay(response.headers.get("Retry-After", ""), now=now)
    text = redact_secrets(content[:KEPT_BYTES].decode("utf-8", "replace").replace("\x00", ""))
    return Answer(status, error[:200], text, time.monotonic() - began, asked)


def _exchange(
    connections: Connections, url: str, body: bytes, headers: dict[str, str], ends_at: float
) -> tuple[BaseHTTPResponse, bytes]:
    """Return the response and the beginning of its body. An idle connection may turn out to be closed: a new one is
    tried then, with the same id.
    """
    connection = connections.take(url)
    if connection is not None:
        try:
            return _send(connections, connection, url, body, headers)
        except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
            connection.close()
    return _send(connections, _connect(url, ends_at), url, body, headers)


def _connect(url: str, ends_at: float) -> Vetted:
    parts = urlsplit(url)
    left = max(ends_at - time.monotonic(), 0.001)
    port = parts.port or PORTS[parts.scheme]
    connection = connection_to(parts.scheme, parts.hostname or "", port, timeout=min(CONNECT_SECONDS, left))
    try:
        connection.connect()
    except BaseException:
        connection.close()
        raise
    connection.timeout = ANSWER_SECONDS + 5  # the deadline of the whole response comes first
    return connection


def _send(
    connections: Connections, connection: Vetted, url: str, body: bytes, headers: dict[str, str]
) -> tuple[BaseHTTPResponse, bytes]:
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request("POST", target, body=body, headers=headers, preload_content=False, decode_content=False)
        response = connection.getresponse()
        content = response.read(MOST_BYTES + 1, decode_content=False)
    except BaseException:
        connection.close()
        raise
    # http.client closes its side after the last byte of a response that ends the connection.
    if len(content) <= MOST_BYTES and connection.sock is not None and not _is_closing(response):
        connections.keep(url, connection)
    else:
        with contextlib.suppress(OSError):
            connection.close()
    return response, content


def _is_closing(response: BaseHTTPResponse) -> bool:
    return response.headers.get("Connection", "").lower() == "close"


def _about_status(status: int) -> str:
    if 300 <= status < 400:
        return f"It answered {status}, and redirects are not followed."
    return f"It answered {status}."


def _sentence(error: Exception) -> str:
    """Return why there is no response, without the address, which may be internal."""
    names = {type(each).__name__ for each in (error, error.__cause__, error.__context__) if each is not None}
    if isinstance(error, NotPublic):
        return "The host does not resolve to public addresses only."
    if "NameResolutionError" in names or "gaierror" in names:
        return "The host name could not be resolved."
    if any("SSL" in name or "Certificate" in name for name in names):
        return f"TLS failed: {str(error)[:120]}"
    if "timeout" in type(error).__name__.lower():
        return "No connection in time."
    if "NewConnectionError" in names or isinstance(error, ConnectionRefusedError):
        return "No connection could be established."
    return f"The connection broke ({type(error).__name__})."
