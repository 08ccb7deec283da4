"""Limits for the TCP connections of this process, which granian does not have."""

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

SILENCE = 30  # seconds without reading or response until a client counts as gone
BYTES_ACKED = 120  # offset of the 64-bit tcpi_bytes_acked in Linux's tcp_info
DROP_WHAT_WAITS = struct.pack("ii", 1, 0)  # SO_LINGER: closing discards unsent data


class UnreadAnswers:
    """Closes connections whose client has not read any data for ``SILENCE`` seconds.

    It compares how many bytes the client has acknowledged. The kernel's ``TCP_USER_TIMEOUT`` does not close the
    connection of a client that is reachable but does not read.
    """

    def __init__(self, patience: float = SILENCE) -> None:
        self.patience = patience
        self.stalled: dict[int, tuple[int, float]] = {}  # inode of a socket: acknowledged bytes, and since when

    def end(self) -> None:
        """Run one check; call it every few seconds. Works on Linux only."""
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
    """Yield (inode, descriptor) of each socket with unacknowledged data."""
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):
            found = os.fstat(int(name))
            if stat.S_ISSOCK(found.st_mode):
                (waiting,) = struct.unpack("i", fcntl.ioctl(int(name), termios.TIOCOUTQ, bytes(4)))
                if waiting:
                    yield found.st_ino, int(name)


def bytes_acknowledged(connection: socket.socket) -> int:
    """Return the number of acknowledged bytes. Raises ``OSError`` if the socket is not TCP."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    return struct.unpack_from("Q", info, BYTES_ACKED)[0]


def keep_alive() -> None:
    """Enable keepalive on listening sockets, which accepted connections inherit, to detect clients that disappeared."""
    for found in sockets():
        with found:
            if not found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                continue
            found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in (("TCP_USER_TIMEOUT", SILENCE * 1000), ("TCP_KEEPIDLE", SILENCE), ("TCP_KEEPINTVL", 10)):
                if hasattr(socket, name):
                    found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def abort(client: str) -> None:
    """Close the connection of ``client`` (address:port) at once, so that a partial response is not taken for a complete
    one.
    """
    for found in sockets():
        with found, contextlib.suppress(OSError):
            host, port = found.getpeername()[:2]
            if client in (f"{host}:{port}", f"[{host}]:{port}"):
                found.shutdown(socket.SHUT_RDWR)


def end_beyond(share: int, is_trusted: Callable[[str], bool]) -> None:
    """Close the connections of each address beyond ``share``. Trusted addresses have no limit."""
    counts: Counter[str] = Counter()
    for found in sockets():
        with found, contextlib.suppress(OSError):
            host = found.getpeername()[0]
            counts[host] += 1
            if counts[host] > share and not is_trusted(host):
                found.shutdown(socket.SHUT_RDWR)


def sockets() -> Iterator[socket.socket]:
    """Yield a duplicate of every TCP socket of this process; the caller must close it."""
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
