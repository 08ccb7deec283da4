"""Callers that send half of what they announce, or read nothing: how many there are must not matter to others."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.harness.http import call
from tests.stack import ROOT, free_port

TOKEN = "a" * 32
PAGE = (
    f"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken={TOKEN}\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\n"
)
API = (
    "POST /prod/GetReward HTTP/1.1\r\nHost: localhost\r\nx-api-key: {key}\r\n"
    "Content-Type: application/json\r\nContent-Length: 300\r\n\r\n"
)
UPLOAD = (
    f"POST /console/campaigns/new/ HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken={TOKEN}\r\n"
    "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 900000\r\n\r\n--x\r\n"
)
HALF_A_HEAD = "GET / HTTP/1.1\r\nHost: localhost\r\n"


@contextlib.contextmanager
def callers(port: int, count: int, say: str, *, receive: int | None = None) -> Iterator[list[socket.socket]]:
    """``count`` connections that have said ``say`` and nothing since. ``receive`` bounds what the kernel takes in."""
    opened = []
    try:
        for _number in range(count):
            opened.append(made := socket.socket())
            if receive:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
            made.connect(("127.0.0.1", port))
            made.sendall(say.encode())
        time.sleep(0.5)
        yield opened
    finally:
        for made in opened:
            made.close()


def slowest(port: int, *paths: str, rounds: int = 3, timeout: float = 15) -> dict[str, float]:
    """Seconds of the slowest call to each; one that is not answered at all takes ``timeout``."""
    found = dict.fromkeys(paths, 0.0)
    for path in [*paths] * rounds:
        began = time.monotonic()
        answer = call(port, "GET", path, timeout=timeout)
        seconds = time.monotonic() - began if answer.status in {200, 403} else timeout
        found[path] = max(found[path], seconds)
    return found


@contextlib.contextmanager
def web_server(interface: str, target: str, log: Path, *options: str, **environment: str) -> Iterator[int]:
    """granian by itself, as it serves ``target``; its port. It has nothing to do with the launcher."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "granian"), "--interface", interface, "--port", str(port)]
    with log.open("ab") as file:
        process = subprocess.Popen(
            [*command, "--http", "1", "--log-level", "warning", *options, target],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
        )
    try:
        until = time.monotonic() + 30
        while call(port, "GET", "/healthz").status != 200:
            assert time.monotonic() < until and process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)
