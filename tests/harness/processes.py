"""Whom a harness may kill: descendants of the launcher that it started, by what they are."""

import os
import signal
import subprocess

from tests.stack import Stack


class Family:
    """The processes of one running stack, looked up anew at every question: pid → command line."""

    def __init__(self, stack: Stack) -> None:
        self.launcher = stack.process.pid

    def table(self) -> dict[int, tuple[int, str]]:
        listed = subprocess.run(
            ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        ).stdout
        rows = (line.split(None, 2) for line in listed.splitlines())
        return {int(row[0]): (int(row[1]), row[2]) for row in rows if len(row) == 3}

    def children(self, parent: int, word: str = "") -> list[int]:
        found = self.table()
        return sorted(pid for pid, (ppid, line) in found.items() if ppid == parent and word in line)

    def of(self, kind: str) -> list[int]:
        """``web master``, ``web worker``, ``postmaster``, ``backend``, ``redis``, ``worker`` or ``beat``."""
        if kind in DIRECT:
            return self.children(self.launcher, DIRECT[kind])
        parent, word = {"web worker": ("web master", ""), "backend": ("postmaster", "moments_app moments")}[kind]
        return [pid for master in self.of(parent) for pid in self.children(master, word)]

    def kill(self, kind: str, number: int = signal.SIGKILL, *, pick=min) -> bool:
        """False where there is none at this moment."""
        found = self.of(kind)
        if not found:
            return False
        try:
            os.kill(pick(found), number)
        except ProcessLookupError:
            return False
        return True


DIRECT = {
    "web master": "moments.server.rsgi",
    "postmaster": "bin/postgres -D",
    "redis": "redis-server",
    "worker": " worker -P",
    "beat": " beat ",
}
