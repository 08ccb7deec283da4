"""A receiver of webhooks on loopback, in threads of this process or, run as a program, in a process of its own.

``python -m tests.harness.webhook_sink`` prints its port, answers 200 to everything, and prints how many requests it
answered when its input ends.
"""

import contextlib
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]  # by lower-case name
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Sink:
    """``status`` and ``headers`` are what it answers; ``hangs``: it reads and never answers."""

    def __init__(
        self,
        status: int = 200,
        headers: dict[str, str] | None = None,
        *,
        hangs: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.status, self.headers, self.hangs, self.body = status, headers or {}, hangs, b"ok"
        self.requests: list[Request] = []
        self.connections = 0
        self.ended = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listening.getsockname()[1]
        self.tls = tls
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _address = self.listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        with contextlib.suppress(OSError), self._greet(accepted) as accepted, accepted.makefile("rb") as lines:
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while head := lines.readline():
                headers = {}
                while (line := lines.readline()) not in (b"\r\n", b""):
                    name, _colon, value = line.decode().partition(":")
                    headers[name.lower()] = value.strip()
                body = lines.read(int(headers.get("content-length", 0)))
                self.requests.append(Request(head.split()[1].decode(), headers, body))
                if self.hangs:
                    self.ended.wait(60)
                    return
                accepted.sendall(self._answer())

    def _greet(self, accepted: socket.socket) -> socket.socket:
        return self.tls.wrap_socket(accepted, server_side=True) if self.tls else accepted

    def _answer(self) -> bytes:
        headers = {"Content-Length": str(len(self.body)), **self.headers}
        lines = [f"HTTP/1.1 {self.status} X", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        return "\r\n".join(lines).encode() + self.body

    def end(self) -> None:
        self.ended.set()
        with contextlib.suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self.listening.close()


@contextlib.contextmanager
def sink(status: int = 200, headers: dict[str, str] | None = None, *, hangs: bool = False) -> Iterator[Sink]:
    started = Sink(status, headers, hangs=hangs)
    try:
        yield started
    finally:
        started.end()


if __name__ == "__main__":
    with sink() as here:
        sys.stdout.write(f"{here.port}\n")
        sys.stdout.flush()
        sys.stdin.read()
        sys.stdout.write(f"{len(here.requests)} {len({request.id for request in here.requests})}\n")
