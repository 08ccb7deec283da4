"""Deadline for PostgreSQL queries of the current request or task, enforced by every connection."""

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar

API = 10.0  # seconds; a server that is down is detected within two
PAGE = 20.0
TASK = 300.0

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextlib.contextmanager
def within_deadline(seconds: float) -> Iterator[None]:
    """Limit the time that queries inside the block may take to ``seconds`` in total."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def set_deadline(seconds: float | None) -> None:
    """Set the deadline of this thread, replacing an earlier one; None removes it."""
    _deadline.set(None if seconds is None else time.monotonic() + seconds)


def seconds_left() -> float | None:
    """Return the seconds until the deadline, at least zero; None without a deadline, as for commands."""
    deadline = _deadline.get()
    return None if deadline is None else max(deadline - time.monotonic(), 0.0)
