"""`make run`: the whole of Moments under one supervisor. Ctrl-C ends all of it, in order."""

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

from dotenv import load_dotenv

from moments.embedded import Postgres, Redis
from moments.processes import Child, say, wait_for
from moments.secret_keys import ensure_secrets
from moments.servers import leave_word, running_servers, take_word_back

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(sys.executable).parent
CONNECTIONS = 16_384  # of each web process; an idle one costs a few kilobytes
IDLE_SECONDS = 60  # until an idle connection is closed; granian allows no more
# Without these the C library keeps what decoded pictures have used: a process grew by 150 MB over 142 banners, now 25
MEMORY = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_ARENA_MAX": "2"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Launcher:
    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.children: list[Child] = []
        self.stop_requests = 0
        self.is_reload_due = False
        self.port = int(os.environ.get("PORT") or 8000)
        self.host = os.environ.get("HOST") or "localhost"
        self.address = "127.0.0.1" if self.host == "localhost" else self.host
        self.data_dir = pathlib.Path(os.environ.get("MOMENTS_DATA_DIR") or ROOT / "var").resolve()

    # what may end it

    def on_signal(self, number: int, frame: object) -> None:
        self.stop_requests += 1
        say("moments", "stopping (again to kill)" if self.stop_requests == 1 else "killing")

    def on_reload(self, number: int, frame: object) -> None:
        self.is_reload_due = True

    def stopping(self) -> bool:
        return self.stop_requests > 0

    def impatient(self) -> bool:
        return self.stop_requests > 1

    # the start, step by step

    def run(self) -> int:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with open(self.data_dir / "lock", "a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel frees it, also after kill -9
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
        steps = [self.start_servers, self.prepare_data, self.start_work, self.greet]
        for step in steps:
            if self.stopping():
                return 0
            step()
        return self.watch()

    def prepare_environment(self) -> None:
        os.environ.setdefault("MOMENTS_DEMO", "1")
        os.environ["MOMENTS_DATA_DIR"] = str(self.data_dir)
        os.environ.setdefault("MOMENTS_BASE_URL", f"http://localhost:{self.port}")
        os.environ["PORT"], os.environ["HOST"] = str(self.port), self.host
        for name, value in MEMORY.items():
            os.environ.setdefault(name, value)
        os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser")
        if os.environ["MOMENTS_DEMO"] == "1" and self.host not in LOOPBACK:
            raise SystemExit(
                f"The demo shows a mailbox and known passwords, so it runs on this machine only; HOST is {self.host}."
            )
        if self.host not in LOOPBACK and (self.data_dir / "demo.json").exists():
            raise SystemExit(
                f"{self.data_dir} holds the demo's accounts with their known passwords. Before others can reach it, "
                "choose another MOMENTS_DATA_DIR, or `make reset`."
            )
        for name, value in ensure_secrets(self.data_dir).items():
            os.environ.setdefault(name, value)

    def start_servers(self) -> None:
        urls = {}
        if not os.environ.get("DATABASE_URL"):
            postgres = Postgres(self.data_dir)
            self.children.append(postgres.start(self.stopping))
            urls["DATABASE_URL"], urls["DATABASE_OWNER_URL"] = postgres.url, postgres.owner_url
        if not os.environ.get("REDIS_URL") and not self.stopping():
            redis = Redis(self.data_dir)
            self.children.append(redis.start(self.stopping))
            urls["REDIS_URL"] = redis.url
        if os.environ.get("DATABASE_URL") and not os.environ.get("DATABASE_OWNER_URL"):
            say("moments", "One database role does everything. Set DATABASE_OWNER_URL so that the application cannot")
            say("moments", "change tables or triggers (README, Two database roles).")
        os.environ.update(urls)
        self.owner_url = os.environ.pop("DATABASE_OWNER_URL", "")  # for what prepares; nothing that serves has it
        told = {name: os.environ.get(name, "") for name in ("MOMENTS_BASE_URL", "MOMENTS_DEMO", "SMTP_URL")}
        leave_word(self.data_dir, urls | told | {"PID": str(os.getpid())})

    def prepare_data(self) -> None:
        owner = {"DATABASE_OWNER_URL": self.owner_url} if self.owner_url else {}
        self.step("prepare", sys.executable, "manage.py", "prepare", env={**os.environ, **owner})

    def step(self, name: str, *command: str, env: dict[str, str]) -> None:
        """Run a command to its end, or until somebody wants to stop."""
        child = Child(name, command, cwd=ROOT, env=env)
        while child.is_running() and not self.stopping():
            time.sleep(0.02)
        child.end(self.impatient)
        if child.process.returncode and not self.stopping():
            raise SystemExit(f"{name} failed; the lines above say why.")

    def start_work(self) -> None:
        celery = [BIN / "celery", "--quiet", "-A", "moments", "--skip-checks"]
        self.children += [
            Child(
                "worker",
                [*celery, "worker", "-P", "threads", "-c", "4", "-l", "WARNING", "--without-gossip"]
                + ["--without-mingle"],
                grace=15,
                cwd=ROOT,
            ),
            Child(
                "beat",
                [*celery, "beat", "-l", "WARNING", "--pidfile=", "-S", "moments.scheduler.Scheduler"],
                cwd=ROOT,
            ),
            Child(
                "web",
                [BIN / "granian", "--interface", "rsgi", "--host", self.address, "--port", self.port]
                + ["--workers", os.environ.get("MOMENTS_WEB_WORKERS") or 2]
                + ["--http", "1", "--no-ws", "--backlog", 2048, "--backpressure", CONNECTIONS]
                + ["--http1-header-read-timeout", IDLE_SECONDS * 1000]
                + ["--respawn-failed-workers", "--workers-kill-timeout", "20", "--log-level", "warning"]
                + ["moments.rsgi:application"],
                cwd=ROOT,
            ),
        ]
        self.worker, self.beat, self.web = self.children[-3:]
        wait_for(self.answers, self.web, timeout=60, given_up=self.stopping)

    def answers(self) -> None:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(self.address, self.address)  # noqa: S104
        urllib.request.urlopen(f"http://{host}:{self.port}/healthz", timeout=2).close()  # noqa: S310

    def greet(self) -> None:
        say("moments", f"READY in {time.perf_counter() - self.began:.1f} s")
        base = os.environ["MOMENTS_BASE_URL"]
        lines = [f"Open     {base}/", f"Staff    {base}/admin/"]
        demo = {}
        if os.environ["MOMENTS_DEMO"] == "1":
            with contextlib.suppress(OSError, ValueError):
                demo = json.loads((self.data_dir / "demo.json").read_text())
                lines.append(f"Mailbox  {base}/mailbox/")
        for who in ("console", "customer", "staff"):
            if login := demo.get(who):
                lines.append(f"{who:8} {login['email']}   {login['password']}")
        for line in [*lines, "Ctrl-C ends it; `make run` again keeps the data."]:
            say("moments", line)

    def reload(self) -> None:
        """New code under running traffic: migrate, then one web worker after the other, then worker and scheduler."""
        self.is_reload_due = False
        try:
            self.prepare_data()
        except SystemExit as failed:
            say("moments", f"{failed} The old code goes on.")
            return
        self.web.process.send_signal(signal.SIGHUP)
        for child in (self.worker, self.beat):
            child.end(self.impatient)
            child.start()
        say("moments", "reloaded")

    def watch(self) -> int:
        while not self.stopping():
            if self.is_reload_due:
                self.reload()
            if not all(child.look_after(time.monotonic()) for child in self.children):
                return 1
            time.sleep(0.2)
        return 0


def ask_to_reload(data_dir: pathlib.Path) -> int:
    """Tell the launcher that runs with this folder to take up the code as it is now."""
    pid = running_servers(data_dir).get("PID")
    if pid is None:
        raise SystemExit(f"Nothing runs with {data_dir}; `make run` starts it.")
    os.kill(int(pid), signal.SIGUSR1)
    return 0


if __name__ == "__main__":
    load_dotenv(ROOT / ".env")
    launcher = Launcher()
    sys.exit(ask_to_reload(launcher.data_dir) if sys.argv[1:] == ["reload"] else launcher.run())
