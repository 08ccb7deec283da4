"""Readiness files: worker and scheduler write their process id, so that the launcher knows that they are ready."""

import os
import pathlib
import time
from collections.abc import Callable, Iterable

from moments.devserver.processes import Child

READY = pathlib.Path("run/ready")
FOLDER_NAME = "MOMENTS_READY_FOLDER"  # set by the launcher; without it, nothing is written
READY_SECONDS = 60


def mark_ready(name: str) -> None:
    """Report that the current process accepts work."""
    if folder := os.environ.get(FOLDER_NAME):
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(os.getpid()))


def is_ready(folder: pathlib.Path, child: Child) -> bool:
    """Return whether this very process is ready; a file of its predecessor does not count."""
    try:
        return (folder / child.name).read_text() == str(child.process.pid)
    except OSError:
        return False


def wait_until_ready(
    folder: pathlib.Path, children: Iterable[Child], given_up: Callable[[], bool], seconds: float = READY_SECONDS
) -> list[str]:
    """Return the names of processes that ended or were not ready in time; empty if all are ready."""
    children, until = list(children), time.monotonic() + seconds
    while True:
        waiting = [child for child in children if not is_ready(folder, child)]
        ended = any(not child.is_running() for child in children)
        if not waiting or ended or time.monotonic() > until or given_up():
            return [child.name for child in children if child in waiting or not child.is_running()]
        time.sleep(0.05)
