"""The whole of Moments as `make run` starts it, on a free port, in a folder of its own."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from moments.devserver.embedded import Postgres
from tests.harness.command_line import Typist
from tests.prepared import copy_files, copy_postgres

ROOT = pathlib.Path(__file__).resolve().parent.parent
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SMTP_URL")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def lower(headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


class Stack:
    """Started by the launcher; ``end`` ends the launcher, which ends everything else. ``remove`` forgets its data."""

    def __init__(self, *, root: pathlib.Path = ROOT, is_cold: bool = False, **environment: str) -> None:
        """``root`` is the checkout that runs; this one, or a copy. A cold start finds an empty folder."""
        self.root = root
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="moments-stack-"))
        self.folder.chmod(0o755)  # run by root, PostgreSQL's own user has to get in
        self.data_dir = self.folder / "var"
        self.log = self.folder / "launcher.log"
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MOMENTS_", "DJANGO_")) and name not in OURS
        }
        self.environment = {**clean, "PORT": str(self.port), "MOMENTS_DATA_DIR": str(self.data_dir), **environment}
        self.process: subprocess.Popen | None = None
        self.is_cold = is_cold
        self.typist: Typist | None = None

    def start(self, timeout: float = 110) -> "Stack":
        if not self.is_cold and not self.data_dir.exists():
            self.take_prepared_data()
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "moments.devserver.launcher"]
            self.process = subprocess.Popen(
                command, cwd=self.root, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + timeout
        while "READY" not in self.log.read_text():
            if self.process.poll() is not None or time.monotonic() > until:
                self.end()
                raise RuntimeError(self.log.read_text())
            time.sleep(0.05)
        return self

    def take_prepared_data(self) -> None:
        has_demo = self.environment.get("MOMENTS_DEMO") != "0"
        copy_files(self.data_dir, has_demo=has_demo)
        if "DATABASE_URL" not in self.environment:
            copy_postgres(Postgres(self.data_dir), has_demo=has_demo)

    def end(self) -> int:
        assert self.process
        if self.typist:
            self.typist.end()
            self.typist = None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def demo(self) -> dict:
        return json.loads((self.data_dir / "demo.json").read_text())

    def manage(self, *arguments: str) -> subprocess.CompletedProcess:
        """A command of ``manage.py``, in a process that stays until ``end``."""
        self.typist = self.typist or Typist(self.root, self.typed())
        return self.typist.type(*arguments)

    def python(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """A command typed by hand, in a process of its own."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env={**self.typed(), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def typed(self) -> dict[str, str]:
        """What a shell has: nothing exported but the data folder."""
        typed = {"PATH": os.environ["PATH"], "MOMENTS_DATA_DIR": str(self.data_dir)}
        if "DATABASE_URL" in self.environment:  # servers that the launcher did not start it leaves no word of
            names = [name for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL") if name in self.environment]
            typed |= {name: self.environment[name] for name in names}
        return typed

    def make_campaign(self, *options: str) -> dict:
        """As ``manage.py make_campaign`` prints it."""
        done = self.manage("make_campaign", *options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def post(self, path: str, body: dict, **headers: str) -> tuple[int, dict, dict]:
        """Status, JSON, headers by lower-case name."""
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer), lower(answer.headers)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error), lower(error.headers)
