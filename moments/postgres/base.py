"""Django's PostgreSQL, for callers who cannot wait: a server that hangs is treated like one that is gone.

libpq alone waits for ever on a connection whose other end has fallen silent, and at least two seconds for a new one.
Here both end at the deadline of ``moments.patience``. For a second after that nobody in this process tries.
"""

from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import IsolationLevel

from moments.breaker import Breaker
from moments.patience import seconds_left

gone = Breaker(rest=1.0)


class Connection(psycopg.Connection):
    """Gives up at the deadline, and then for good: what was asked may still happen, so its answer must not be read."""

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> "Connection":
        if seconds_left() is None:
            return super().connect(conninfo, **options)
        if gone.is_open():
            raise psycopg.OperationalError("PostgreSQL did not answer a moment ago.")
        try:
            return super().connect(conninfo, **options)
        except psycopg.OperationalError:
            gone.trip()
            raise

    @classmethod
    def _connect_gen(cls, conninfo: str = "", **options: Any):
        """psycopg's own timeout takes whole seconds, two at least. Called back every 0.1 s while nothing happens."""
        connecting = super()._connect_gen(conninfo, **options)
        try:
            wanted = next(connecting)
            while True:
                ready = yield wanted
                if seconds_left() == 0:
                    raise psycopg.errors.ConnectionTimeout("PostgreSQL did not let us in in time.")
                wanted = connecting.send(ready)
        except StopIteration as done:
            return done.value

    def wait(self, gen, interval: float = 0.1, timeout: float | None = None):
        left = seconds_left()
        if left is not None and (timeout is None or left < timeout):
            timeout = left
        try:
            return super().wait(gen, interval=interval, timeout=timeout)
        except psycopg.errors._WaitTimeout as error:
            self.pgconn.finish()
            gone.trip()
            raise psycopg.OperationalError("PostgreSQL did not answer in time.") from error


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return Connection.connect(**conn_params)
