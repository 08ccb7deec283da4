"""Limits for calls to external servers: a deadline, a circuit breaker per server and few threads at a time.

Pages must not wait long for external servers, and not all threads may wait at once, so that other pages stay
responsive. Background work has no waiting users and is limited by the deadline only.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar

from moments.integrations.circuit_breaker import CircuitBreaker

PAGE_SECONDS = 5.0  # all external calls of one page together
WORK_SECONDS = 15.0  # one call of a worker or command
MOST_INSIDE = 2  # concurrent pages of this process in external calls
PROMPT = 0.5  # slower calls are not waited for by other pages
LATE = 2.0  # a failure after this time opens the breaker for the server
REST = 10.0


class LeftAlone(Exception):  # noqa: N818 - an outcome, not an error
    """Raised instead of a call if the server failed recently or too many pages already wait for external servers."""


class Page:
    """The total time that one request may spend in external calls, counted from the first one."""

    def __init__(self) -> None:
        self.ends_at: float | None = None

    def deadline(self, now: float) -> float:
        self.ends_at = self.ends_at or now + PAGE_SECONDS
        return self.ends_at


_page: ContextVar[Page | None] = ContextVar("page", default=None)


@contextlib.contextmanager
def in_page() -> Iterator[None]:
    """Apply the limits of pages inside the block: few calls at a time, and short ones."""
    token = _page.set(Page())
    try:
        yield
    finally:
        _page.reset(token)


class Guard:
    """Tracks the current external calls of this process and the servers that failed."""

    def __init__(self, most: int = MOST_INSIDE) -> None:
        self.most = most
        self._changed = threading.Condition()
        self._inside: dict[object, tuple[str, float]] = {}
        self._breakers: dict[str, CircuitBreaker] = {}

    def forget(self) -> None:
        """Reset all circuit breakers."""
        self._breakers.clear()

    @contextlib.contextmanager
    def call(self, server: str) -> Iterator[float]:
        """Yield the deadline of the call as a ``time.monotonic`` value. Raises ``LeftAlone`` if no call may be made.

        A late exception counts against the server; any response counts for it.
        """
        page, began = _page.get(), time.monotonic()
        breaker = self._breakers.setdefault(server, CircuitBreaker(REST))
        ends_at = began + WORK_SECONDS if page is None else page.deadline(began)
        with self._slot(server, breaker, ends_at) if page else contextlib.nullcontext():
            try:
                yield ends_at
            except Exception:
                if time.monotonic() - began >= LATE:
                    breaker.trip()
                raise
            breaker.close()

    @contextlib.contextmanager
    def _slot(self, server: str, breaker: CircuitBreaker, ends_at: float) -> Iterator[None]:
        mine = object()
        with self._changed:
            self._enter(server, breaker, ends_at, mine)
        try:
            yield
        finally:
            with self._changed:
                del self._inside[mine]
                self._changed.notify()

    def _enter(self, server: str, breaker: CircuitBreaker, ends_at: float, mine: object) -> None:
        while True:
            now = time.monotonic()
            is_tried = any(other == server for other, _since in self._inside.values())
            if now >= ends_at or breaker.is_open() or (breaker.failures and is_tried):
                raise LeftAlone
            if len(self._inside) < self.most:
                self._inside[mine] = (server, now)
                return
            # Wait only as long as the current calls may still be prompt.
            patience = min(since for _server, since in self._inside.values()) + PROMPT - now
            if patience <= 0:
                raise LeftAlone
            self._changed.wait(patience)


guard = Guard()
