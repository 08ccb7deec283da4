"""Calls to other people's servers: a deadline for the whole answer, a breaker for each server, few threads at once.

A page's thread must not wait for somebody else's server for long, nor may all of them wait at once: what is ours to
answer goes on meanwhile. Work behind the pages has no other callers waiting, so only the deadline bounds it.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar

from moments.integrations.circuit_breaker import CircuitBreaker

PAGE_SECONDS = 5.0  # all outside calls of one page together
WORK_SECONDS = 15.0  # one call of a worker or a command
MOST_INSIDE = 2  # pages of this process that may be in such a call at the same time
PROMPT = 0.5  # a call that takes longer is slow, and nobody queues behind it
LATE = 2.0  # a call that fails after so long has cost a thread: its server is left alone for a while
REST = 10.0


class LeftAlone(Exception):  # noqa: N818 - an outcome, not a fault of ours
    """Nothing was sent: the server has just failed to answer, or enough pages are waiting for such servers already."""


class Page:
    """The time that one request may spend in outside calls, however many it makes; it runs from the first."""

    def __init__(self) -> None:
        self.ends_at: float | None = None

    def deadline(self, now: float) -> float:
        self.ends_at = self.ends_at or now + PAGE_SECONDS
        return self.ends_at


_page: ContextVar[Page | None] = ContextVar("page", default=None)


@contextlib.contextmanager
def in_page() -> Iterator[None]:
    """Inside, outside calls are a page's: few at once, and short."""
    token = _page.set(Page())
    try:
        yield
    finally:
        _page.reset(token)


class Guard:
    """Who is inside which call in this process, and which servers have failed to answer."""

    def __init__(self, most: int = MOST_INSIDE) -> None:
        self.most = most
        self._changed = threading.Condition()
        self._inside: dict[object, tuple[str, float]] = {}
        self._breakers: dict[str, CircuitBreaker] = {}

    def forget(self) -> None:
        """Every server gets another chance."""
        self._breakers.clear()

    @contextlib.contextmanager
    def call(self, server: str) -> Iterator[float]:
        """Yields the moment (of ``time.monotonic``) at which the call has to be over. ``LeftAlone`` where none is made.

        Any exception that comes late counts against the server; any answer counts for it.
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
            # Those inside are about to come out, or they are slow: then nobody waits behind them.
            patience = min(since for _server, since in self._inside.values()) + PROMPT - now
            if patience <= 0:
                raise LeftAlone
            self._changed.wait(patience)


guard = Guard()
