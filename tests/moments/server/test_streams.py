"""Answers that are sent while they are made: as fast as they are read, and no longer than their reader stays."""

import os
import threading

import pytest

from moments.server import streams
from moments.server.streams import FULL, NotRead, Pipe


@pytest.fixture
def pipe():
    made = Pipe()
    yield made
    made.close()


def reader_of(pipe: Pipe) -> tuple[threading.Thread, list[bytes]]:
    found: list[bytes] = []

    def read() -> None:
        with open(pipe.path, "rb") as file:
            found.append(file.read())

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread, found


def test_what_is_written_is_read_whole_and_the_pipe_goes():
    pipe = Pipe()
    thread, found = reader_of(pipe)
    parts = [b"a" * 10, b"b" * FULL, b"", b"c"]

    pipe.open()
    pipe.write_all(parts)
    pipe.close()
    thread.join(20)

    assert found == [b"".join(parts)] and pipe.written == FULL + 11
    assert not os.path.exists(pipe.folder)


def test_it_is_its_owners_alone(pipe):
    assert os.stat(pipe.path).st_mode & 0o077 == 0


def test_without_a_reader_it_is_not_waited_for_longer_than_is_allowed(pipe, monkeypatch):
    monkeypatch.setattr(streams, "PATIENCE", 0.0)

    with pytest.raises(NotRead):
        pipe.open()


def test_a_reader_who_leaves_ends_it(pipe):
    end = os.open(pipe.path, os.O_RDONLY | os.O_NONBLOCK)
    pipe.open()
    os.close(end)

    with pytest.raises(NotRead):
        pipe.write(b"x")


def test_a_reader_who_does_not_read_ends_it(pipe, monkeypatch):
    monkeypatch.setattr(streams, "PATIENCE", 0.05)
    monkeypatch.setattr(streams, "RATE", 10**9)
    end = os.open(pipe.path, os.O_RDONLY | os.O_NONBLOCK)
    pipe.open()

    with pytest.raises(NotRead):
        pipe.write(b"x" * 10**6)

    assert 0 < pipe.written < 10**6
    os.close(end)
