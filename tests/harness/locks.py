"""Making callers meet: a row is held until some wait for it, so that they all have looked before the first writes."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def waiters(cursor) -> int:
    """How many sessions wait for a lock, of whoever. ``cursor`` is Django's or psycopg's."""
    cursor.execute(WAITING)
    return cursor.fetchone()[0]


def wait_for_waiters(cursor, count: int) -> None:
    for _tick in range(3000):
        cursor.execute("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()")
        if waiters(cursor) >= count:
            return
    raise AssertionError("nobody came to wait")


def behind(hold: Callable[[threading.Event], object], act: Callable[[int], T]) -> Callable[[int], T | None]:
    """For a crowd: number 0 calls ``hold(held)``, which sets the event once it has its lock; then the others act."""
    held = threading.Event()

    def one(number: int) -> T | None:
        if number == 0:
            hold(held)
            return None
        assert held.wait(30), "nothing was held"
        return act(number)

    return one
