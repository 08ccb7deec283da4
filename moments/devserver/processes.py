"""Child processes in their own sessions, with labeled output and complete cleanup."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

PR_SET_PDEATHSIG = 1
BACKOFF = (1, 2, 4, 8, 16, 30)
DEATHS_ALLOWED, DEATHS_WINDOW = 10, 120.0


def say(name: str, message: str) -> None:
    sys.stdout.write(f"{name:>9} | {message}\n")
    sys.stdout.flush()


def die_with_parent(sig: int) -> Callable[[], None] | None:
    """Return a hook that sends ``sig`` to the child when this process is killed. Linux only."""
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def hook() -> None:
        libc.prctl(PR_SET_PDEATHSIG, sig)
        if os.getppid() != parent:
            os._exit(1)

    return hook


class Child:
    """A child process in its own session, so that the terminal's Ctrl-C reaches only the launcher."""

    def __init__(
        self, name: str, args: Sequence[object], *, stop: int = signal.SIGTERM, grace: float = 10, **options: Any
    ) -> None:
        self.name, self.args, self.stop, self.grace, self.options = name, [str(a) for a in args], stop, grace, options
        self.deaths: list[float] = []
        self.start_again_at: float | None = None
        self.start()

    def start(self) -> None:
        self.start_again_at = None
        self.process = subprocess.Popen(  # noqa: S603 - our own command lines
            self.args,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(self.stop),
            **self.options,
        )
        self.reader = threading.Thread(target=self._relay, args=(self.process,), daemon=True)
        self.reader.start()

    def _relay(self, process: subprocess.Popen) -> None:
        for line in process.stdout or ():
            say(self.name, line.decode(errors="replace").rstrip())

    def is_running(self) -> bool:
        return self.process.poll() is None

    def end(self, impatient: Callable[[], bool] = lambda: False) -> None:
        """Ask the process to stop, wait up to ``grace`` seconds, then kill what remains of its group."""
        if self.is_running():
            self.process.send_signal(self.stop)
            until = time.monotonic() + self.grace
            while self.is_running() and time.monotonic() < until and not impatient():
                time.sleep(0.02)
        self.end_group()

    def end_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join(1)

    def supervise(self, now: float) -> bool:
        """Restart the process if it died (after 1, 2, 4 … 30 s). Returns False if it died too often."""
        if self.start_again_at is not None:
            if now >= self.start_again_at:
                self.start()
            return True
        if self.is_running():
            return True
        self.end_group()  # also kill the workers of a killed master
        self.deaths = [at for at in self.deaths if now - at < DEATHS_WINDOW] + [now]
        if len(self.deaths) >= DEATHS_ALLOWED:
            say("moments", f"{self.name} died {DEATHS_ALLOWED} times in two minutes; giving up")
            return False
        delay = BACKOFF[min(len(self.deaths), len(BACKOFF)) - 1]
        self.start_again_at = now + delay
        say("moments", f"{self.name} {describe_exit(self.process.returncode)}; starting it again in {delay} s")
        return True


def describe_exit(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"


def wait_for(check: Callable[[], object], child: Child, *, timeout: float, given_up: Callable[[], bool]) -> None:
    """Call ``check`` until it stops raising. Raises ``SystemExit`` if the child died or time ran out."""
    until = time.monotonic() + timeout
    while not given_up():
        try:
            check()
            return
        except Exception as error:
            if not child.is_running() or time.monotonic() > until:
                raise SystemExit(f"{child.name} did not start: {error}") from None
        time.sleep(0.03)
