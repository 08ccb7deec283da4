"""Communication of a reload through files in the data folder: to web workers, and back to the command that requested
it.
"""

import json
import os
import pathlib
import signal
import time
from collections.abc import Callable

from moments.devserver.running import running_servers

ENVIRONMENT, MARKS, REPORT = pathlib.Path("run/environment.json"), pathlib.Path("run/web"), pathlib.Path("run/reload")
PATH_NAME = "MOMENTS_ENVIRONMENT_FILE"  # path of the environment for web workers, set by the launcher
WEB_SECONDS, ASK_SECONDS = 90, 240


def write_private(path: pathlib.Path, content: object) -> None:
    """Write the file atomically with owner-only access, since it contains keys."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file)
    half.replace(path)


def read(path: pathlib.Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


# Web workers: their parent process keeps the environment of its own start


def pass_on(data_dir: pathlib.Path, environment: dict[str, str], generation: int) -> None:
    write_private(data_dir / ENVIRONMENT, {"generation": generation, "environment": environment})


def take_up_environment() -> Callable[[], None]:
    """Load the current environment in a web worker, before its settings are read. Returns a function to call once it
    can serve.
    """
    path = os.environ.get(PATH_NAME)
    found = read(pathlib.Path(path)) if path else {}
    if not path or not found:
        return lambda: None
    os.environ.clear()
    os.environ.update(found["environment"], **{PATH_NAME: path})
    mark = pathlib.Path(path).parent / MARKS.name / f"{found['generation']}-{os.getpid()}"

    def is_up() -> None:
        mark.parent.mkdir(exist_ok=True)
        mark.touch()

    return is_up


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def web_workers(data_dir: pathlib.Path) -> list[tuple[int, int]]:
    """Return (generation, process id) of each living web worker."""
    found = []
    for mark in (data_dir / MARKS).glob("*-*"):
        generation, pid = (int(part) for part in mark.name.split("-"))
        if is_alive(pid):
            found.append((generation, pid))
        else:
            mark.unlink(missing_ok=True)
    return found


def wait_for_web(data_dir: pathlib.Path, generation: int, workers: int, given_up: Callable[[], bool]) -> bool:
    """Return True once all web workers have this generation; False on timeout."""
    until = time.monotonic() + WEB_SECONDS
    while time.monotonic() < until and not given_up():
        generations = [found for found, _pid in web_workers(data_dir)]
        if len(generations) >= workers and set(generations) == {generation}:
            return True
        time.sleep(0.1)
    return False


def forget(data_dir: pathlib.Path) -> None:
    (data_dir / ENVIRONMENT).unlink(missing_ok=True)
    for mark in (data_dir / MARKS).glob("*-*"):
        mark.unlink(missing_ok=True)


# The requesting command


def report(data_dir: pathlib.Path, *, succeeded: bool, text: str) -> None:
    number = read(data_dir / REPORT).get("number", 0) + 1
    write_private(data_dir / REPORT, {"number": number, "succeeded": succeeded, "text": text})


def ask_to_reload(data_dir: pathlib.Path) -> int:
    """Ask the launcher of this data folder to reload, wait for the result and print it. Returns an exit code."""
    pid = int(running_servers(data_dir).get("PID") or 0)
    if not pid or not is_alive(pid):
        raise SystemExit(f"Nothing runs with {data_dir}; `make run` starts it.")
    before = read(data_dir / REPORT).get("number", 0)
    os.kill(pid, signal.SIGUSR1)
    until = time.monotonic() + ASK_SECONDS
    while time.monotonic() < until and is_alive(pid):
        found = read(data_dir / REPORT)
        if found.get("number", 0) > before:
            print(found["text"])  # noqa: T201 - for the user in the terminal
            return 0 if found["succeeded"] else 1
        time.sleep(0.1)
    raise SystemExit("The reload did not end: its output is where `make run` runs.")
