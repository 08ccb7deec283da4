"""Streamed responses through a named pipe, which limits how far the producer runs ahead of the client."""

import contextlib
import os
import select
import tempfile
import time
from collections.abc import Iterable

PATIENCE = 20.0  # total seconds of waiting for the client
RATE = 8 * 1024  # one more second per this many bytes read
FULL = 64 * 1024  # bytes to collect before writing


class NotRead(Exception):
    """Raised if the client reads too slowly or is gone."""


class Pipe:
    """A named pipe. The server opens ``path`` like a file and reads as fast as its client does."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="moments-answer-")
        self.path = os.path.join(self.folder, "answer")
        os.mkfifo(self.path, 0o600)
        self.end = -1
        self.poll = select.poll()
        self.written, self.waited = 0, 0.0

    def open(self) -> None:
        """Open the pipe for writing once there is a reader. Raises ``NotRead`` after a timeout."""
        until = time.monotonic() + PATIENCE
        while self.end < 0:
            try:
                self.end = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
                self.poll.register(self.end, select.POLLOUT)
            except OSError:
                if time.monotonic() > until:
                    raise NotRead from None
                time.sleep(0.002)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._wait()
            try:
                count = os.write(self.end, rest)
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise NotRead from None
            self.written += count
            rest = rest[count:]

    def _wait(self) -> None:
        left = PATIENCE + self.written / RATE - self.waited
        began = time.monotonic()
        self.poll.poll(max(left, 0) * 1000)
        self.waited += time.monotonic() - began
        if left <= 0:
            raise NotRead

    def write_all(self, parts: Iterable[bytes]) -> None:
        gathered, size = [], 0
        for part in parts:
            gathered.append(part)
            size += len(part)
            if size >= FULL:
                self.write(b"".join(gathered))
                gathered, size = [], 0
        self.write(b"".join(gathered))

    def close(self) -> None:
        if self.end >= 0:
            os.close(self.end)
        with contextlib.suppress(OSError):
            os.unlink(self.path)
            os.rmdir(self.folder)
