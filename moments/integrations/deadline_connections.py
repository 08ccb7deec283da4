"""Connections that are closed at a deadline, whether during TLS, headers or a slow body.

A socket timeout would not suffice, because it restarts with every byte.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

_call = threading.local()  # .sockets and .is_late of this thread's current call


@contextlib.contextmanager
def cut_off(ends_at: float) -> Iterator[threading.Event]:
    """Close the connections that this thread uses inside the block at ``ends_at``. Yields an event that is set then."""
    sockets: list[socket.socket] = []
    is_late = threading.Event()

    def cut() -> None:
        is_late.set()
        for sock in list(sockets):
            _shut(sock)

    timer = threading.Timer(max(ends_at - time.monotonic(), 0), cut)
    timer.daemon = True
    _call.sockets, _call.is_late = sockets, is_late
    timer.start()
    try:
        yield is_late
    finally:
        timer.cancel()
        _call.sockets = None


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    """A connection with a second ``handle`` to its socket, since TLS replaces the first one."""

    handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        self.watch_new(sock)
        return sock

    def watch_new(self, sock: socket.socket) -> None:
        self.handle = sock.dup()
        self._watch()

    def request(self, *args: Any, **kwargs: Any) -> Any:
        self._watch()
        return super().request(*args, **kwargs)

    def close(self) -> None:
        super().close()
        if self.handle is not None:
            self.handle.close()
            self.handle = None

    def _watch(self) -> None:
        sockets = getattr(_call, "sockets", None)
        if sockets is not None and self.handle is not None:
            sockets.append(self.handle)
            if _call.is_late.is_set():  # the deadline passed before the connection was established
                _shut(self.handle)


class WatchedHttp(_Watched):
    pass


class WatchedHttps(_Watched, HTTPSConnection):
    pass
