"""PostgreSQL backend for callers that cannot wait: a hanging server is treated like one that is down.

libpq waits forever on a silent connection and at least two seconds for a new one. Here, a caller that has waited for a
while checks over a separate connection whether the server responds at all. If so, the query is merely slow and may take
until the deadline of ``moments.db.deadlines``; otherwise the query fails.
"""

import threading
import time
from collections.abc import Generator
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import IsolationLevel

from moments.db.deadlines import seconds_left
from moments.integrations.circuit_breaker import CircuitBreaker

QUIET = 0.8  # seconds of silence before the check
PROBE = 0.9  # seconds for the check, so that a 503 takes less than two in all
ALIVE = 1.0  # seconds for which a result is reused

gone = CircuitBreaker(cooldown=1.0)
_asking = threading.Lock()
_alive_until = 0.0
_server = ""  # parameters of the latest connection


class Connection(psycopg.Connection):
    """A connection that is closed if the server is down. A running statement may still take effect."""

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> "Connection":
        if seconds_left() is not None and gone.is_open():
            raise psycopg.OperationalError("PostgreSQL did not answer a moment ago.")
        return super().connect(conninfo, **options)

    @classmethod
    def _connect_gen(cls, conninfo: str = "", **options: Any) -> Any:
        global _server
        _server = conninfo
        return _watched(super()._connect_gen(conninfo, **options))

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if seconds_left() is None:
            return super().wait(gen, interval=interval, timeout=timeout)
        try:
            return super().wait(_watched(gen), interval=interval, timeout=timeout)
        except DatabaseTimeout:
            self.pgconn.finish()
            raise


class DatabaseTimeout(psycopg.OperationalError):
    """Raised if the server does not respond, or not before the deadline."""


def _watched(gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Run ``gen`` until the deadline or until the server is down. psycopg resumes it every 0.1 s while it waits."""
    began = time.monotonic()
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready:
                _refuse_to_wait(began)
            wanted = gen.send(ready)
    except StopIteration as done:
        return done.value


def _refuse_to_wait(began: float) -> None:
    left = seconds_left()
    if left is None:
        return
    if left == 0:
        raise DatabaseTimeout("PostgreSQL did not answer in time.")
    if time.monotonic() - began > QUIET and not answers():
        raise DatabaseTimeout("PostgreSQL does not answer.")


def answers() -> bool:
    """Return whether the server responds at all, even with a refusal. Checked at most once a second, by one thread."""
    global _alive_until
    with _asking:
        if gone.is_open():
            return False
        if time.monotonic() < _alive_until:
            return True
        if not _asked():
            gone.trip()
            return False
        _alive_until = time.monotonic() + ALIVE
        return True


def _asked() -> bool:
    until = time.monotonic() + PROBE

    def hurried(gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if time.monotonic() >= until:
                    raise DatabaseTimeout
                wanted = gen.send(ready)
        except StopIteration as done:
            return done.value

    try:
        psycopg.waiting.wait_conn(hurried(psycopg.Connection._connect_gen(_server)), interval=0.05).close()
    except DatabaseTimeout:
        return False
    except psycopg.OperationalError as error:
        return "FATAL" in str(error)  # it refuses the connection, so it is running
    return True


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return Connection.connect(**conn_params)
