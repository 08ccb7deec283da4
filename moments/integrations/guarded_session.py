"""A ``requests`` session whose calls have a deadline and a maximum response size."""

import time
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from moments.integrations.bounded_calls import LeftAlone, guard
from moments.integrations.deadline_connections import WatchedHttp, WatchedHttps, cut_off

CONNECT_SECONDS = 3.0
LIMIT = 2 * 1024 * 1024


class NotAnswering(requests.Timeout):
    """Raised if no complete response arrived in time, or no call was made because the server failed recently."""


class AnswerTooLong(requests.RequestException):
    """Raised if the response exceeds the maximum size."""


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = WatchedHttp


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = WatchedHttps


POOLS = {"http": _HttpPool, "https": _HttpsPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        found = super().proxy_manager_for(*args, **kwargs)
        found.pool_classes_by_scheme = POOLS
        return found


class GuardedSession(requests.Session):
    """A session that raises ``requests.Timeout`` if a server is too slow. Redirects share the deadline of their
    call.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mount("https://", _Adapter())
        self.mount("http://", _Adapter())

    def request(self, method: Any, url: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]  # its options pass through
        try:
            with guard.call(urlsplit(str(url)).netloc) as ends_at:
                return self._within(ends_at, method, url, kwargs)
        except LeftAlone:
            raise NotAnswering("It has just failed to answer, or enough pages wait already.") from None

    def _within(self, ends_at: float, method: Any, url: Any, kwargs: dict[str, Any]) -> requests.Response:
        left = max(ends_at - time.monotonic(), 0.001)
        kwargs |= {"timeout": (min(CONNECT_SECONDS, left), left), "stream": True}
        with cut_off(ends_at) as is_late:
            try:
                response = super().request(method, url, **kwargs)
                _read(response)
            except requests.RequestException:
                if not is_late.is_set():
                    raise
            if is_late.is_set():
                raise NotAnswering(f"No whole answer within {left:.1f} s.") from None
            return response


def _read(response: requests.Response) -> None:
    """Read the complete body into the response."""
    with response:
        content = b""
        for chunk in response.iter_content(64 * 1024):
            content += chunk
            if len(content) > LIMIT:
                raise AnswerTooLong(f"The answer is longer than {LIMIT} bytes.")
    response._content, response._content_consumed = content, True
