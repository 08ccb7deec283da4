"""Django's PostgreSQL, for callers who cannot wait: a server that hangs is treated like one that is gone.

libpq alone waits for ever on a connection whose other end has fallen silent, and at least two seconds for a new one.
Here whoever has waited for a while asks, over a connection of its own, whether the server answers anybody at all. If it
does, the work is merely slow and goes on, until the deadline of ``moments.db.deadlines``; if not, everybody gives up.
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

QUIET = 0.8  # seconds of silence until somebody asks
PROBE = 0.9  # seconds for the answer: 503 within two in all
ALIVE = 1.0  # seconds that an answer is good for

gone = CircuitBreaker(cooldown=1.0)
_asking = threading.Lock()
_alive_until = 0.0
_server = ""  # how it was reached last


class Connection(psycopg.Connection):
    """Gives up on a server that is gone, and for good: what was asked may still happen, but nobody reads the answer."""

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
    """Nobody there answers, or not in time."""


def _watched(gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """``gen``, until the deadline or the death of the server. psycopg calls every 0.1 s while nothing happens."""
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
    """Does the server say anything to anybody, be it a refusal? Asked once a second at most, by one thread for all."""
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
        return "FATAL" in str(error)  # it says no, so it is there
    return True


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return Connection.connect(**conn_params)
