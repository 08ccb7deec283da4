"""The TCP connections of this process: which are ended, and why. granian has no limits of its own for them."""

import contextlib
import fcntl
import os
import socket
import stat
import struct
import sys
import termios
import time
from collections import Counter
from collections.abc import Callable, Iterator

SILENCE = 30  # seconds after which a caller who reads nothing, or answers nothing, is gone
BYTES_ACKED = 120  # where Linux's tcp_info has tcpi_bytes_acked, 64 bits
DROP_WHAT_WAITS = struct.pack("ii", 1, 0)  # SO_LINGER: closing discards what was not sent


class UnreadAnswers:
    """Ends the connections of callers who read nothing of what was sent to them for ``SILENCE`` seconds.

    The kernel knows how much each caller has acknowledged. Its own limit (``TCP_USER_TIMEOUT``) does not end the
    connection of a caller who is there and does not read.
    """

    def __init__(self, patience: float = SILENCE) -> None:
        self.patience = patience
        self.stalled: dict[int, tuple[int, float]] = {}  # inode of a socket: bytes acknowledged, and since when

    def end(self) -> None:
        """One sweep; call it every few seconds. Only Linux tells how much was acknowledged."""
        if sys.platform != "linux":
            return
        found = {}
        for inode, descriptor in unread():
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as connection:
                acknowledged = bytes_acknowledged(connection)
                before, since = self.stalled.get(inode, (-1, 0.0))
                if before != acknowledged:
                    since = time.monotonic()
                elif time.monotonic() - since >= self.patience:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, DROP_WHAT_WAITS)
                    connection.shutdown(socket.SHUT_RDWR)
                found[inode] = acknowledged, since
        self.stalled = found


def unread() -> Iterator[tuple[int, int]]:
    """Inode and descriptor of each socket that holds bytes its other end has not acknowledged."""
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):
            found = os.fstat(int(name))
            if stat.S_ISSOCK(found.st_mode):
                (waiting,) = struct.unpack("i", fcntl.ioctl(int(name), termios.TIOCOUTQ, bytes(4)))
                if waiting:
                    yield found.st_ino, int(name)


def bytes_acknowledged(connection: socket.socket) -> int:
    """Raises OSError for what is not TCP."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    return struct.unpack_from("Q", info, BYTES_ACKED)[0]


def keep_alive() -> None:
    """Notice callers who are gone without a word: their sockets take this over from the one that listens."""
    for found in sockets():
        with found:
            if not found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                continue
            found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in (("TCP_USER_TIMEOUT", SILENCE * 1000), ("TCP_KEEPIDLE", SILENCE), ("TCP_KEEPINTVL", 10)):
                if hasattr(socket, name):
                    found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def abort(client: str) -> None:
    """End the connection of ``client`` (address:port) at once: a part of an answer must not pass for the whole."""
    for found in sockets():
        with found, contextlib.suppress(OSError):
            host, port = found.getpeername()[:2]
            if client in (f"{host}:{port}", f"[{host}]:{port}"):
                found.shutdown(socket.SHUT_RDWR)


def end_beyond(share: int, is_trusted: Callable[[str], bool]) -> None:
    """End the connections of each address beyond ``share``; a trusted one may have as many as it likes."""
    counts: Counter[str] = Counter()
    for found in sockets():
        with found, contextlib.suppress(OSError):
            host = found.getpeername()[0]
            counts[host] += 1
            if counts[host] > share and not is_trusted(host):
                found.shutdown(socket.SHUT_RDWR)


def sockets() -> Iterator[socket.socket]:
    """A copy of every TCP socket that this process has; whoever takes it closes it."""
    for name in os.listdir("/dev/fd"):
        try:
            copy = os.dup(int(name))
        except OSError:
            continue
        if not stat.S_ISSOCK(os.fstat(copy).st_mode):
            os.close(copy)
            continue
        found = socket.socket(fileno=copy)
        if found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM:
            yield found
        else:
            found.close()
