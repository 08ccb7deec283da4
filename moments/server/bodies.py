"""Request bodies, received on the event loop so that no thread waits for them.

A body has a deadline that arriving data extends, based on a minimum rate. If too many are being received, the oldest is
dropped.
"""

import asyncio
import contextlib
import io
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

GRACE = 10.0  # seconds before data must have arrived
RATE = 16 * 1024  # required bytes per second after that
LONGEST = 600.0
IN_MEMORY = 64 * 1024  # larger bodies go to a file
PER_PEER = 64  # concurrent bodies of one address per process
IN_ALL = 1024
YOUNG = 1.0  # seconds for which a body is never dropped
SWEEP = 0.5


class TooSlow(Exception):
    """Raised if the body did not arrive in time or was dropped in favor of others."""


class Incomplete(Exception):
    """Raised if the client disconnected before the body was complete."""


class TooLarge(Exception):
    """Raised if the body exceeds the limit of its path."""


@dataclass(eq=False)
class Awaited:
    """A body that is being received."""

    peer: str
    since: float
    until: float
    task: asyncio.Task | None
    is_given_up: bool = False

    def give_up(self) -> None:
        if self.task and not self.is_given_up:
            self.is_given_up = True
            self.task.cancel()


@dataclass
class Bodies:
    """The bodies that one process is receiving. ``is_trusted`` returns whether a peer, such as a proxy, acts for many
    clients.
    """

    is_trusted: Callable[[str], bool]
    waiting: dict[str, dict[Awaited, None]] = field(default_factory=dict)
    count: int = 0
    timer: asyncio.TimerHandle | None = None

    async def read(self, proto: Any, peer: str, length: int | None, most: int) -> IO[bytes]:
        """Return the complete body, positioned at its start. ``length`` is the announced length; None if it is
        chunked.
        """
        if length is not None and length > most:
            raise TooLarge
        if length == 0:
            return io.BytesIO()
        loop = asyncio.get_running_loop()
        now = loop.time()
        here = Awaited(peer, now, now + GRACE, asyncio.current_task())
        self._admit(here, loop)
        try:
            if length is not None and length <= IN_MEMORY:
                return _complete(io.BytesIO(await proto()), length)
            return _complete(await self._read_in_parts(here, proto, most, loop), length)
        except asyncio.CancelledError:
            if here.is_given_up:
                raise TooSlow from None
            raise
        finally:
            self._forget(here)

    async def _read_in_parts(self, here: Awaited, proto: Any, most: int, loop: asyncio.AbstractEventLoop) -> IO[bytes]:
        received = 0
        parts: AsyncIterator[bytes] = proto.__aiter__()  # call once: a second iterator would be empty
        file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the request
        with contextlib.suppress(StopAsyncIteration):
            while True:
                part = await parts.__anext__()
                received += len(part)
                if received > most:
                    raise TooLarge
                file.write(part)
                here.until = min(max(here.until, here.since + GRACE + received / RATE), here.since + LONGEST)
        return file

    def _admit(self, newcomer: Awaited, loop: asyncio.AbstractEventLoop) -> None:
        ours = self.waiting.setdefault(newcomer.peer, {})
        if len(ours) >= PER_PEER and not self.is_trusted(newcomer.peer):
            self._make_room(ours, newcomer.since)
        elif self.count >= IN_ALL:
            self._make_room(self._all(), newcomer.since)
        ours[newcomer] = None
        self.count += 1
        if self.timer is None:
            self.timer = loop.call_later(SWEEP, self._sweep, loop)

    def _all(self) -> Iterator[Awaited]:
        return (awaited for peers in self.waiting.values() for awaited in peers)

    def _make_room(self, among: Any, now: float) -> None:
        old = [awaited for awaited in among if not awaited.is_given_up and now - awaited.since > YOUNG]
        if old:
            min(old, key=lambda awaited: awaited.since).give_up()

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for awaited in self._all():
            if awaited.until < now:
                awaited.give_up()
        self.timer = loop.call_later(SWEEP, self._sweep, loop) if self.count else None

    def _forget(self, gone: Awaited) -> None:
        ours = self.waiting[gone.peer]
        del ours[gone]
        self.count -= 1
        if not ours:
            del self.waiting[gone.peer]


def _complete(body: IO[bytes], length: int | None) -> IO[bytes]:
    received = body.seek(0, io.SEEK_END)
    if length is not None and received < length:
        raise Incomplete
    body.seek(0)
    return body
