"""How the launcher hears that its worker and its scheduler are ready: each writes its process id into a file."""

import os
import pathlib
import time
from collections.abc import Callable, Iterable

from moments.devserver.processes import Child

READY = pathlib.Path("run/ready")
FOLDER_NAME = "MOMENTS_READY_FOLDER"  # the launcher sets it; without it nobody waits
READY_SECONDS = 60


def mark_ready(name: str) -> None:
    """Called by the process itself, once it takes work."""
    if folder := os.environ.get(FOLDER_NAME):
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(os.getpid()))


def is_ready(folder: pathlib.Path, child: Child) -> bool:
    """Of this very process: a mark of the one before it does not count."""
    try:
        return (folder / child.name).read_text() == str(child.process.pid)
    except OSError:
        return False


def wait_until_ready(
    folder: pathlib.Path, children: Iterable[Child], given_up: Callable[[], bool], seconds: float = READY_SECONDS
) -> list[str]:
    """Names of those that ended or were not ready in time; empty once all are ready."""
    children, until = list(children), time.monotonic() + seconds
    while True:
        waiting = [child for child in children if not is_ready(folder, child)]
        ended = any(not child.is_running() for child in children)
        if not waiting or ended or time.monotonic() > until or given_up():
            return [child.name for child in children if child in waiting or not child.is_running()]
        time.sleep(0.05)
