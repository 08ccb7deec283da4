"""Which connections are ended: those of one caller, those beyond a share, those that nobody reads."""

import contextlib
import os
import socket

import pytest

from moments.server.connections import UnreadAnswers, abort, bytes_acknowledged, end_beyond


@pytest.fixture
def connected():
    """Several connections from this address to a socket that this process has: (here, there)."""
    listening, pairs = socket.create_server(("127.0.0.1", 0)), []

    def connect() -> tuple[socket.socket, socket.socket]:
        there = socket.create_connection(listening.getsockname())
        pairs.append((listening.accept()[0], there))
        return pairs[-1]

    yield connect
    for each in [listening, *(end for pair in pairs for end in pair)]:
        each.close()


def is_ended(there: socket.socket) -> bool:
    there.settimeout(0.05)
    try:
        return there.recv(1) == b""
    except TimeoutError:
        return False


def test_the_connection_of_one_caller_is_ended_and_no_other(connected):
    (_here, first), (_also_here, second) = connected(), connected()
    host, port = first.getsockname()

    abort(f"{host}:{port}")

    assert is_ended(first) and not is_ended(second)


def test_of_a_proxy_no_connection_is_ended(connected):
    _here, there = connected()

    end_beyond(0, lambda host: True)

    assert not is_ended(there)


def fill(here: socket.socket) -> None:
    here.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while here.send(b"x" * 65536):
            pass


def test_a_caller_who_reads_nothing_is_ended_and_one_who_reads_or_has_nothing_to_read_is_not(connected):
    (unread, silent), (slowly, reader), (_idle, waiting) = connected(), connected(), connected()
    fill(unread)
    fill(slowly)
    answers = UnreadAnswers(patience=0)
    answers.end()
    while not reader.recv(65536) or answers.stalled[inode(slowly)][0] == bytes_acknowledged(slowly):
        pass  # until the kernel has told this end

    answers.end()

    with pytest.raises(BrokenPipeError):
        unread.send(b"x")
    unread.close()
    with pytest.raises(ConnectionResetError):
        while silent.recv(1 << 20):
            pass
    fill(slowly)
    assert reader.recv(1) == b"x" and not is_ended(waiting)


def test_a_caller_who_reads_nothing_has_patience_seconds(connected):
    unread, silent = connected()
    fill(unread)
    answers = UnreadAnswers(patience=60)

    answers.end()
    answers.end()

    assert silent.recv(1) == b"x" and unread.fileno() > 0
    with contextlib.suppress(BlockingIOError):
        unread.send(b"x")  # not broken


def inode(connection: socket.socket) -> int:
    return os.fstat(connection.fileno()).st_ino
