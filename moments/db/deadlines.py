"""How long the work at hand may wait for PostgreSQL: a deadline that every connection of ours looks at."""

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar

API = 10.0  # seconds; a server that is gone is found out within two
PAGE = 20.0
TASK = 300.0

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextlib.contextmanager
def within_deadline(seconds: float) -> Iterator[None]:
    """Inside, nothing waits for PostgreSQL longer than until ``seconds`` from now, all in all."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def set_deadline(seconds: float | None) -> None:
    """From here on in this thread, until it is set anew; None ends it."""
    _deadline.set(None if seconds is None else time.monotonic() + seconds)


def seconds_left() -> float | None:
    """Until the deadline, never below zero; None where there is none: commands wait as long as it takes."""
    deadline = _deadline.get()
    return None if deadline is None else max(deadline - time.monotonic(), 0.0)
