"""A server on loopback that answers whatever it is asked as it is told: not at all, a byte at a time, or nonsense."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = "application/json"
ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "empty": (200, JSON, b"{}"),
    "list": (200, JSON, b"[]"),
    "null": (200, JSON, b"null"),
    "text": (200, JSON, b'"hello"'),
    "nothing": (200, JSON, b""),
    "html": (200, "text/html", b"<!doctype html><title>Welcome</title>"),
    "wrong types": (
        200,
        JSON,
        json.dumps(
            {"id": 7, "object": "payment_intent", "status": ["x"], "amount": "5", "currency": None, "data": {"a": 1}}
        ).encode(),
    ),
    "binary": (200, JSON, b"\xff\xfe\x00" * 9),
    "huge": (200, JSON, b'{"id": "' + b"x" * 10_000_000 + b'"}'),
    "broken": (500, JSON, b'{"error": {"message": "boom"}}'),
    "bad gateway": (502, "text/html", b"<h1>Bad gateway</h1>"),
}
NONSENSE = list(ANSWERS)


class Strange:
    """``mode``: a key of ANSWERS, ``silent``, or ``slow`` (a byte every so many ``seconds``)."""

    def __init__(self, mode: str) -> None:
        self.mode, self.seconds, self.calls, self.gone = mode, 1.0, 0, threading.Event()
        handler = type("Handler", (_Handler,), {"strange": self})
        self.server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def end(self) -> None:
        self.gone.set()
        self.server.shutdown()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads, block_on_close, request_queue_size = True, False, 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Callers hang up."""


class _Handler(BaseHTTPRequestHandler):
    strange: Strange
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.strange.calls += 1
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode = self.strange.mode
        if mode == "silent":
            self.strange.gone.wait(60)
            self.close_connection = True
            return
        status, kind, body = ANSWERS.get(mode, ANSWERS["empty"])
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        if mode != "slow":
            self.wfile.write(head + body)
            return
        for byte in head + body:
            if self.strange.gone.wait(self.strange.seconds):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    do_GET = do_POST = do_DELETE = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Not into the tests' output."""


@contextlib.contextmanager
def strange_server(mode: str) -> Iterator[Strange]:
    server = Strange(mode)
    try:
        yield server
    finally:
        server.end()
