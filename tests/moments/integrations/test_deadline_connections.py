"""A connection is cut off when time is up, whatever it waits for."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from moments.integrations.deadline_connections import WatchedHttp, cut_off


@contextmanager
def server(answer: bytes = b"", *, drips: bool = False):
    """Answers so; without an answer it says nothing. ``drips``: its body goes on and on, a byte at a time."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        accepted, _address = listening.accept()
        with accepted:
            accepted.sendall(answer)
            while not ended.wait(0.01):
                if drips:
                    try:
                        accepted.sendall(b"x")
                    except OSError:
                        return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        ended.set()
        listening.close()


def read(port: int, seconds: float) -> tuple[bool, bytes]:
    """(whether it was cut off, the body); what it raises where it was cut off is the caller's to see."""
    connection = WatchedHttp("127.0.0.1", port, timeout=30)
    with cut_off(time.monotonic() + seconds) as is_late:
        try:
            connection.request("GET", "/")
            body = connection.getresponse().data
        except Exception:
            if not is_late.is_set():
                raise
            body = b""
        finally:
            connection.close()
    return is_late.is_set(), body


def test_an_answer_in_time_is_read_whole():
    with server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as port:
        assert read(port, 30) == (False, b"ok")


@pytest.mark.parametrize("drips", [False, True])
def test_a_server_that_is_silent_or_drips_is_cut_off(drips):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" if drips else b""
    begun = time.monotonic()

    with server(answer, drips=drips) as port:
        is_late, _body = read(port, 0.1)

    assert is_late and time.monotonic() - begun < 20


def test_time_that_is_up_before_the_call_cuts_it_off_at_once():
    begun = time.monotonic()

    with server() as port:
        assert read(port, -1)[0]

    assert time.monotonic() - begun < 20


def test_outside_a_call_nothing_is_watched():
    with cut_off(time.monotonic() + 30):
        pass

    with server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as port:
        connection = WatchedHttp("127.0.0.1", port, timeout=30)
        connection.request("GET", "/")
        assert connection.getresponse().data == b"ok"
        connection.close()
