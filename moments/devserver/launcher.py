"""`make run`: all processes of Moments under one supervisor. Ctrl-C stops them in order."""

import contextlib
import fcntl
import json
import os
import pathlib
import signal
import socket
import sys
import time
import urllib.request

from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values, load_dotenv
from psycopg import OperationalError

from moments.devserver.embedded import Postgres, Redis
from moments.devserver.generated_secrets import are_given, ensure_secrets
from moments.devserver.processes import Child, say, wait_for
from moments.devserver.ready_marks import FOLDER_NAME, READY, wait_until_ready
from moments.devserver.reloading import ENVIRONMENT, PATH_NAME, ask_to_reload, forget, pass_on, report, wait_for_web
from moments.devserver.running import leave_word, take_word_back
from moments.installation import demo_mode

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENV_FILE = pathlib.Path(os.environ.get("MOMENTS_ENV_FILE") or ROOT / ".env")
BIN = pathlib.Path(sys.executable).parent
CONNECTIONS = 16_384  # of each web process; an idle one costs a few kilobytes
IDLE_SECONDS = 60  # timeout of idle connections; the maximum that granian allows
# Without these, the C library keeps memory of decoded pictures: 150 MB instead of 25 over 142 banners
MEMORY = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_ARENA_MAX": "2"}
DEFAULTS = {**MEMORY, "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Launcher:
    def __init__(self, given: dict[str, str] | None = None) -> None:
        """``given`` is the environment without the variables from `.env`."""
        self.began = time.perf_counter()
        self.given = dict(os.environ) if given is None else given
        self.urls: dict[str, str] = {}  # of the servers that this launcher started
        self.generation = 0  # counts reloads
        self.web_workers = int(os.environ.get("MOMENTS_WEB_WORKERS") or 2)
        self.children: list[Child] = []
        self.stop_requests = 0
        self.is_reload_due = False
        self.port = int(os.environ.get("PORT") or 8000)
        self.host = os.environ.get("HOST") or "localhost"
        self.address = "127.0.0.1" if self.host == "localhost" else self.host
        self.data_dir = pathlib.Path(os.environ.get("MOMENTS_DATA_DIR") or ROOT / "var").resolve()

    # signal handlers

    def on_signal(self, number: int, frame: object) -> None:
        self.stop_requests += 1
        say("moments", "stopping (again to kill)" if self.stop_requests == 1 else "killing")

    def on_reload(self, number: int, frame: object) -> None:
        self.is_reload_due = True

    def stopping(self) -> bool:
        return self.stop_requests > 0

    def impatient(self) -> bool:
        return self.stop_requests > 1

    # startup steps

    def run(self) -> int:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with open(self.data_dir / "lock", "a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel releases it even after kill -9
            except BlockingIOError:
                raise SystemExit(f"Moments is already running with {self.data_dir}.") from None
            self.refuse_taken_port()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self.on_signal)
            signal.signal(signal.SIGUSR1, self.on_reload)
            try:
                return self.start_and_watch()
            finally:
                take_word_back(self.data_dir)
                forget(self.data_dir)
                for child in reversed(self.children):
                    child.end(self.impatient)
                say("moments", "stopped")

    def refuse_taken_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.address if ":" not in self.address else "127.0.0.1", self.port))
            except OSError:
                raise SystemExit(f"Port {self.port} is taken. Choose another: make run PORT={self.port + 1}") from None

    def start_and_watch(self) -> int:
        self.prepare_environment()
        steps = [self.start_servers, self.settle, self.prepare_data, self.start_work, self.greet]
        for step in steps:
            if self.stopping():
                return 0
            step()
        return self.watch()

    def prepare_environment(self) -> None:
        self.environment = self.read_environment()
        if self.host not in LOOPBACK and (self.data_dir / "demo.json").exists():
            raise SystemExit(
                f"{self.data_dir} holds the demo's accounts with their known passwords. Before others can reach it, "
                "choose another MOMENTS_DATA_DIR, or `make reset`."
            )

    def read_environment(self) -> dict[str, str]:
        """Return the environment at start, completed with the current content of `.env`."""
        written = {name: value for name, value in dotenv_values(ENV_FILE).items() if value is not None}
        found = {"MOMENTS_BASE_URL": f"http://localhost:{self.port}", **DEFAULTS, **written, **self.given}
        found |= {"MOMENTS_DATA_DIR": str(self.data_dir), "PORT": str(self.port), "HOST": self.host}
        asked = demo_mode.asked_for(found)
        if asked is None and found.get("MOMENTS_DEMO", "").strip():
            raise SystemExit(f"MOMENTS_DEMO is {found['MOMENTS_DEMO']!r}; it takes 1 or 0.")
        if asked and (why := demo_mode.why_not_demo(found["MOMENTS_BASE_URL"], self.host)):
            raise SystemExit(why)
        return found

    def start_servers(self) -> None:
        if not self.environment.get("DATABASE_URL"):
            postgres = Postgres(self.data_dir)
            self.children.append(postgres.start(self.stopping))
            self.urls |= {"DATABASE_URL": postgres.url, "DATABASE_OWNER_URL": postgres.owner_url}
        if not self.environment.get("REDIS_URL") and not self.stopping():
            redis = Redis(self.data_dir)
            self.children.append(redis.start(self.stopping))
            self.urls["REDIS_URL"] = redis.url

    def settle(self) -> None:
        self.environment = self.settled(self.environment)
        if not self.owner_url:
            say("moments", "One database role does everything. Set DATABASE_OWNER_URL so that the application cannot")
            say("moments", "change tables or triggers (docs/settings.md, Two database roles).")
        self.leave_word()

    def settled(self, given: dict[str, str]) -> dict[str, str]:
        """Return the environment of all processes, with servers and keys and with demo mode decided by the database."""
        found = {**given}
        names: tuple[str, ...] = ("DATABASE_URL", "DATABASE_OWNER_URL") if not found.get("DATABASE_URL") else ()
        names += ("REDIS_URL",) if not found.get("REDIS_URL") else ()
        found |= {name: self.urls[name] for name in names if name in self.urls}
        self.owner_url = found.pop("DATABASE_OWNER_URL", "")  # only for prepare; serving processes do not get it
        try:
            use = demo_mode.use_of(self.owner_url or found["DATABASE_URL"])
            if not are_given(found):
                ensure_secrets(self.data_dir, may_make=not use.has_fingerprints)
        except (OperationalError, ImproperlyConfigured) as failed:
            raise SystemExit(str(failed).strip()) from None
        # For an embedded database, the demo's file shows that a demo used it before databases were labeled
        has_demo_files = "DATABASE_URL" in names and (self.data_dir / "demo.json").exists()
        self.decision = demo_mode.decide(given, use, has_demo_files=has_demo_files)
        found["MOMENTS_DEMO"] = str(int(self.decision.is_demo))
        return found

    def leave_word(self) -> None:
        """Publish the settings for manually run commands and for web workers."""
        names = ("MOMENTS_BASE_URL", "MOMENTS_DEMO", "MOMENTS_WEBHOOK_LOOPBACK", "SMTP_URL")
        kept = {name: self.environment.get(name, "") for name in names}
        leave_word(self.data_dir, self.urls | kept | {"PID": str(os.getpid())})
        self.generation += 1
        pass_on(self.data_dir, self.environment, self.generation)

    def prepare_data(self) -> None:
        self.prepare_with(self.environment)

    def prepare_with(self, environment: dict[str, str]) -> None:
        owner = {"DATABASE_OWNER_URL": self.owner_url} if self.owner_url else {}
        self.step("prepare", sys.executable, "manage.py", "prepare", env={**environment, **owner})

    def step(self, name: str, *command: str, env: dict[str, str]) -> None:
        """Run a command to its end, or until the launcher is to stop."""
        child = Child(name, command, cwd=ROOT, env=env)
        while child.is_running() and not self.stopping():
            time.sleep(0.02)
        child.end(self.impatient)
        if child.process.returncode and not self.stopping():
            raise SystemExit(f"{name} failed; the lines above say why.")

    def start_work(self) -> None:
        celery = [BIN / "celery", "--quiet", "-A", "moments", "--skip-checks"]
        worker = [*celery, "worker", "-P", "threads", "-c", "4", "-l", "WARNING", "--without-gossip"]
        beat = [*celery, "beat", "-l", "WARNING", "--pidfile=", "-S", "moments.scheduler.Scheduler"]
        web = [BIN / "granian", "--interface", "rsgi", "--host", self.address, "--port", self.port]
        web += ["--workers", self.web_workers, "--http", "1", "--no-ws", "--backlog", 2048]
        web += ["--backpressure", CONNECTIONS, "--http1-header-read-timeout", IDLE_SECONDS * 1000]
        web += ["--respawn-failed-workers", "--workers-kill-timeout", "20"]
        web += ["--log-level", "warning", "moments.server.rsgi:application"]
        file = {PATH_NAME: str(self.data_dir / ENVIRONMENT)}
        self.worker = self.child("worker", [*worker, "--without-mingle"], self.of_workers(), grace=15)
        self.beat = self.child("beat", beat, self.of_workers())
        self.web = self.child("web", web, self.environment | file)
        wait_for(self.answers, self.web, timeout=60, given_up=self.stopping)

    def of_workers(self) -> dict[str, str]:
        return {**self.environment, FOLDER_NAME: str(self.data_dir / READY)}

    def child(self, name: str, command: list[object], environment: dict[str, str], grace: float = 10) -> Child:
        made = Child(name, command, grace=grace, cwd=ROOT, env=environment)
        self.children.append(made)
        return made

    def answers(self) -> None:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(self.address, self.address)  # noqa: S104
        urllib.request.urlopen(f"http://{host}:{self.port}/healthz", timeout=2).close()  # noqa: S310

    def greet(self) -> None:
        say("moments", f"READY in {time.perf_counter() - self.began:.1f} s")
        base = self.environment["MOMENTS_BASE_URL"]
        say("moments", f"{'Demo' if self.decision.is_demo else 'Live installation'}: {self.decision.reason}.")
        lines = [f"Open     {base}/", f"Staff    {base}/admin/"]
        demo = {}
        if self.decision.is_demo:
            with contextlib.suppress(OSError, ValueError):
                demo = json.loads((self.data_dir / "demo.json").read_text())
                lines.append(f"Mailbox  {base}/mailbox/")
        for who in ("console", "customer", "staff"):
            if login := demo.get(who):
                lines.append(f"{who:8} {login['email']}   {login['password']}")
        for line in [*lines, "Ctrl-C ends it; `make run` again keeps the data."]:
            say("moments", line)

    def reload(self) -> None:
        """Load new code and settings without downtime: migrate, replace web workers one by one, then worker and
        scheduler.
        """
        self.is_reload_due = False
        before = self.owner_url, self.decision
        try:
            fresh = self.settled(self.read_environment())
            self.prepare_with(fresh)
        except SystemExit as failed:
            self.owner_url, self.decision = before
            self.tell_of_reload(False, f"{failed} The old code and settings go on.")
            return
        self.environment = fresh
        self.leave_word()
        self.web.process.send_signal(signal.SIGHUP)
        is_web_new = wait_for_web(self.data_dir, self.generation, self.web_workers, self.stopping)
        for child in (self.worker, self.beat):
            child.options["env"] = self.of_workers()
            child.end(self.impatient)
            child.start()
        silent = wait_until_ready(self.data_dir / READY, (self.worker, self.beat), self.stopping)
        silent += [] if is_web_new else ["web"]
        if silent:
            self.tell_of_reload(
                False, f"The reload failed: {', '.join(silent)} did not start. The lines above say why."
            )
        else:
            self.tell_of_reload(True, "Reloaded: web, worker and scheduler run the code and settings as they are now.")

    def tell_of_reload(self, succeeded: bool, text: str) -> None:
        wanted = {**dotenv_values(ENV_FILE), **self.given}
        kept = {"PORT": str(self.port), "HOST": self.host, "MOMENTS_WEB_WORKERS": str(self.web_workers)}
        if changed := [name for name, value in kept.items() if wanted.get(name, value) not in ("", value)]:
            text += f" {' and '.join(changed)} changes only when `make run` starts again."
        say("moments", text)
        report(self.data_dir, succeeded=succeeded, text=text)

    def watch(self) -> int:
        while not self.stopping():
            if self.is_reload_due:
                self.reload()
            if not all(child.supervise(time.monotonic()) for child in self.children):
                return 1
            time.sleep(0.2)
        return 0


class Managing(Launcher):
    """Run one ``manage.py`` command with the servers of this data folder when a normal start is refused, then exit."""

    def __init__(self, given: dict[str, str], command: list[str]) -> None:
        super().__init__(given)
        self.command = command

    def start_and_watch(self) -> int:
        self.environment = self.read_environment()
        self.start_servers()
        urls = {name: url for name, url in self.urls.items() if not self.environment.get(name)}
        self.step("manage", sys.executable, "manage.py", *self.command, env={**self.environment, **urls})
        return 0


if __name__ == "__main__":
    given = dict(os.environ)
    load_dotenv(ENV_FILE)
    launcher = Launcher(given)
    if sys.argv[1:] == ["reload"]:
        sys.exit(ask_to_reload(launcher.data_dir))
    if sys.argv[1:2] == ["manage"]:
        launcher = Managing(given, sys.argv[2:])
    sys.exit(launcher.run())
