"""Django behind granian's event loop (RSGI). Waiting for clients happens on the loop, processing in threads.

API calls and pages have separate thread pools, so that neither blocks the other. Streamed responses have a few more
threads. ``/healthz`` needs none.
"""

import asyncio
import contextlib
import io
import os
import resource
from collections.abc import Callable
from typing import IO, Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest

from moments.server import connections, streams
from moments.server.bodies import Bodies, Incomplete, TooLarge, TooSlow
from moments.server.environ import among, environ_of, peer_of
from moments.server.threads import Pool, TooBusy
from moments.web.health import healthz
from moments.web.middleware import (
    MACHINE_PATHS,
    UPLOAD_LIMIT,
    body_limit,
    busy_answer,
    too_slow_answer,
    with_machine_headers,
)

WAIT_FOR_THREAD = 10.0  # seconds; API clients have little more
STREAMS = 2
MANY = 2048  # connections of this process from which on the share per address applies
SHARE = 1024
SWEEP = 5.0  # seconds between checks of all connections


class Server:
    def __init__(self, handler: WSGIHandler, threads: int) -> None:
        self.handler, self.count = handler, threads
        self.bodies = Bodies(among(settings.TRUSTED_PROXIES))
        self.unread = connections.UnreadAnswers()
        self.healthy = with_machine_headers(healthz(HttpRequest()))

    # granian's interface

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.machines = Pool("api", self.count, patience=WAIT_FOR_THREAD)
        self.pages = Pool("page", self.count, patience=WAIT_FOR_THREAD)
        self.streams = Pool("stream", STREAMS, patience=WAIT_FOR_THREAD)
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        loop.call_later(0.5, connections.keep_alive)
        loop.call_later(SWEEP, self.sweep, loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        for pool in (self.machines, self.pages, self.streams):
            pool.end(grace=15)

    def sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close connections whose client does not read, and those of an address beyond its share, including idle
        ones.
        """
        loop.call_later(SWEEP, self.sweep, loop)
        self.unread.end()
        if len(os.listdir("/dev/fd")) > MANY:
            connections.end_beyond(SHARE, self.bodies.is_trusted)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        if scope.path == "/healthz":
            return send(proto, self.healthy)
        is_machine = scope.path.startswith(MACHINE_PATHS)
        headers = scope.headers.items()
        try:
            body = await self.body_of(scope, proto, headers, body_limit(scope.path) if is_machine else UPLOAD_LIMIT)
        except TooSlow:
            return send(proto, too_slow_answer(scope.path), close=True)
        except Incomplete:
            return None
        call = Call(self.handler, scope, proto, environ_of(scope, headers, body))
        try:
            await (self.machines if is_machine else self.pages).run(call.answer)
            if call.is_streamed:
                await self.streams.run(call.stream)
        except TooBusy:
            send(proto, busy_answer(scope.path), close=True)
            call.close()
        return None

    async def body_of(self, scope: Any, proto: Any, headers: Any, most: int) -> IO[bytes]:
        """Return the body, positioned at its start. A body that is too large is not read; Django refuses it by its
        length.
        """
        announced = scope.headers.get("content-length")
        if announced is None and "transfer-encoding" not in scope.headers:
            return io.BytesIO()
        try:
            length = int(announced) if announced is not None else None
            return await self.bodies.read(proto, peer_of(scope), length, most)
        except TooLarge:
            headers[:] = [(name, value) for name, value in headers if name != "content-length"]
            headers.append(("content-length", announced or str(most + 1)))
            return io.BytesIO()


class Call:
    """A request that a thread processes, with its response."""

    def __init__(self, handler: WSGIHandler, scope: Any, proto: Any, environ: dict) -> None:
        self.handler, self.scope, self.proto, self.environ = handler, scope, proto, environ
        self.response: Any = None  # a regular or a streaming HttpResponse
        self.is_streamed = False

    def answer(self) -> None:
        self.response = self.handler(self.environ, self.note_status)
        if self.response.streaming:
            file = getattr(self.response, "file_to_stream", None)
            path = str(getattr(file, "name", ""))
            if self.environ["REQUEST_METHOD"] == "HEAD":
                self.send(b"")
            elif os.path.isabs(path) and self.response.get("Content-Length") == str(os.path.getsize(path)):
                self.proto.response_file(self.status, self.headers, path)
            else:
                self.is_streamed = True
                return
        else:
            self.send(self.response.content)
        self.close()

    def note_status(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        self.status, self.headers = int(status[:3]), headers
        return lambda data: None  # required by WSGI; Django does not call it

    def send(self, body: bytes) -> None:
        self.proto.response_bytes(self.status, self.headers, body)

    def stream(self) -> None:
        """Stream the response as fast as the client reads. If it cannot be completed, abort the connection so that the
        client notices.
        """
        pipe = streams.Pipe()
        try:
            self.proto.response_file(self.status, self.headers, pipe.path)
            pipe.open()
            pipe.write_all(self.response)
        except BaseException as error:
            connections.abort(self.scope.client)
            if not isinstance(error, streams.NotRead):
                raise
        finally:
            pipe.close()
            self.close()

    def close(self) -> None:
        if self.response is not None:
            self.response.close()
        self.environ["wsgi.input"].close()


def send(proto: Any, response: Any, *, close: bool = False) -> None:
    headers = [(name, value) for name, value in response.items()]
    proto.response_bytes(response.status_code, headers + [("connection", "close")] * close, response.content)
