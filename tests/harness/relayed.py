"""A running Moments whose PostgreSQL and Redis lie behind relays, with servers and data of its own."""

import pathlib

import psycopg

from moments.devserver.embedded import Postgres, Redis
from tests.harness.relay import Relay
from tests.prepared import copy_postgres
from tests.stack import Stack


class RelayedStack(Stack):
    """``postgres_relay`` and ``redis_relay`` can be told to drop or to swallow; ``delay`` is PostgreSQL's, in seconds.

    64 requests are worked on at once, each with a connection to PostgreSQL.
    """

    def __init__(self, *, delay: float = 0.010, **environment: str) -> None:
        many = {"MOMENTS_WEB_WORKERS": "2", "MOMENTS_WEB_THREADS": "32", "MOMENTS_DEMO": "0"}
        super().__init__(**{"MOMENTS_API_RATE": "100000/s", **many, **environment})
        servers = self.folder / "servers"
        servers.mkdir()
        servers.chmod(0o755)
        self.postgres, self.redis = Postgres(servers, {"max_connections": "300"}), Redis(servers)
        copy_postgres(self.postgres)
        self.servers = [self.postgres.start(), self.redis.start()]
        self.delay = delay
        self.postgres_relay = Relay(str(pathlib.Path(self.postgres.run) / ".s.PGSQL.5432"))
        self.redis_relay = Relay(str(self.redis.socket))
        self.environment["DATABASE_URL"] = self.relayed(self.postgres.url)
        self.environment["DATABASE_OWNER_URL"] = self.relayed(self.postgres.owner_url)
        self.environment["REDIS_URL"] = f"redis://127.0.0.1:{self.redis_relay.port}/0"

    def relayed(self, url: str) -> str:
        who, _at, _place = url.partition("@")
        return f"{who}@127.0.0.1:{self.postgres_relay.port}/moments"

    def start(self, timeout: float = 110) -> "RelayedStack":
        """The delay holds from then on: migrations need not suffer it."""
        super().start(timeout)
        self.postgres_relay.tell(str(self.delay))
        return self

    def remove(self) -> None:
        for relay in (self.postgres_relay, self.redis_relay):
            relay.end()
        for server in reversed(self.servers):
            server.end()
        super().remove()

    def connect(self) -> psycopg.Connection:
        """To PostgreSQL itself, past the relay: what is true."""
        return psycopg.connect(self.postgres.owner_url, autocommit=True)
