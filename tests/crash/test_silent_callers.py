"""A body that does not come, an answer that is not read, a slow upload: nobody else notices."""

import http.client
import socket
import time

import psycopg
import pytest

from moments.devserver.running import running_servers
from tests.harness.crowd import together
from tests.harness.http import App, call
from tests.harness.numbers import FULL, size
from tests.harness.silent import API, HALF_A_HEAD, PAGE, UPLOAD, callers, slowest, web_server

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(300)]
COUNTS = [32, 64, 256] if FULL else [64]
PATHS = ("/healthz", "/accounts/login/", "/prod/nothing")
SECONDS = 3.0  # on a busy machine; a stall lasts until the sockets close


@pytest.fixture(scope="module")
def app(stack):
    return App(stack.port, stack.make_campaign("--cpa", "0.50", "--monthly-limit", "5000"))


def environment_of(stack) -> dict[str, str]:
    return {**stack.environment, **running_servers(stack.data_dir), "DJANGO_SETTINGS_MODULE": "moments.settings"}


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("say", [PAGE, API, UPLOAD, HALF_A_HEAD, ""], ids=["page", "api", "upload", "head", "nothing"])
def test_callers_that_send_no_body_are_not_noticed(stack, app, count, say, numbers):
    with callers(stack.port, count, say.replace("{key}", app.made["testApiKey"])):
        found = slowest(stack.port, *PATHS)

    assert max(found.values()) < SECONDS
    name = {PAGE: "page", API: "api", UPLOAD: "upload", HALF_A_HEAD: "half a head", "": "nothing"}[say]
    numbers(f"{count} silent callers, {name}", **{path[1:4]: f"{took:.3f} s" for path, took in found.items()})


@pytest.mark.parametrize("say", [PAGE, API], ids=["page", "api"])
def test_when_threads_read_bodies_a_few_silent_callers_stop_everything(stack, app, say, tmp_path, numbers):
    """The control: the same Django behind the interface that reads bodies in threads."""
    options = ("--workers", "2", "--blocking-threads", "4")
    with (
        web_server("wsgi", "moments.wsgi:application", tmp_path / "log", *options, **environment_of(stack)) as port,
        callers(port, 64, say.replace("{key}", app.made["testApiKey"])),
    ):
        found = slowest(port, *PATHS, rounds=1, timeout=4)
        until = time.monotonic() + 30  # a cold process takes a while to get to the bodies
        while max(found.values()) < 4 and time.monotonic() < until:
            found = slowest(port, *PATHS, rounds=1, timeout=4)

    assert max(found.values()) == 4
    name = "page" if say == PAGE else "api"
    numbers(
        f"control: threads read bodies, {name}",
        silent=64,
        **{path[1:4]: f"{took:.1f} s" for path, took in found.items()},
    )


def test_an_upload_of_a_byte_a_second_is_ended_and_one_that_comes_is_taken(stack):
    with callers(stack.port, 1, UPLOAD) as [slow]:
        began = time.monotonic()
        slow.settimeout(0.01)
        answer = b""
        while time.monotonic() - began < 20 and b"\r\n" not in answer:
            try:
                slow.sendall(b"-")
                time.sleep(1)
                answer += slow.recv(4096)
            except (TimeoutError, BlockingIOError):
                continue
            except OSError:
                break
        took = time.monotonic() - began

    assert answer.startswith(b"HTTP/1.1 408 ") and b"connection: close" in answer.lower()
    assert 8 < took < 14
    body = b"x" * 2_000_000
    assert call(stack.port, "POST", "/accounts/login/", body, **{"Content-Type": "text/plain"}).status == 403


@pytest.mark.parametrize("path", ["/accounts/login/", "/prod/GetReward", "/api/v1/rewards"])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(stack, path, is_chunked):
    most = 16 * 1024**2 if path.startswith("/accounts") else 64 * 1024
    with socket.create_connection(("127.0.0.1", stack.port), timeout=20) as caller:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        if is_chunked:
            caller.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n{most + 1:x}\r\n".encode())
            caller.sendall(b"x" * (most + 1))
        else:
            caller.sendall(f"{head}Content-Length: {most + 1}\r\n\r\n".encode())
        answer = caller.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"x-content-type-options: nosniff" in answer.lower()


def test_what_a_caller_who_left_has_sent_of_a_body_is_not_worked_on(stack, app):
    before = stack.log.read_text().count("/prod/cut-off")
    with callers(stack.port, 1, "POST /prod/cut-off HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{}"):
        pass
    assert call(stack.port, "POST", "/prod/all-of-it", b"{}").status == 403

    assert stack.log.read_text().count("/prod/cut-off") == before


def test_pages_that_wait_take_no_thread_of_the_api_nor_the_api_theirs(stack, app, numbers):
    """Every page thread waits for a table that somebody has locked; then every thread of the API."""
    with psycopg.connect(running_servers(stack.data_dir)["DATABASE_URL"]) as connection:
        connection.execute("LOCK TABLE django_session")
        pages = [f"GET /console/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={'b' * 32}\r\n\r\n"]
        with callers(stack.port, 32, pages[0]):
            took = [timed(lambda: app.call(timeout=20)) for _round in range(size(5, 30))]
            healthy = slowest(stack.port, "/healthz")["/healthz"]
        connection.rollback()

    assert {answer.status for _seconds, answer in took} == {200}
    assert max(seconds for seconds, _answer in took) < SECONDS and healthy < 1
    with psycopg.connect(running_servers(stack.data_dir)["DATABASE_URL"]) as connection:
        connection.execute("LOCK TABLE accounts_apikey")
        held = together(17, lambda number: number and app.call(timeout=20) or slowest(stack.port, "/accounts/login/"))
        connection.rollback()
    assert held[0]["/accounts/login/"] < SECONDS
    numbers("pages all wait", api_slowest=f"{max(seconds for seconds, _answer in took):.3f} s")


def timed(act) -> tuple[float, object]:
    began = time.monotonic()
    answer = act()
    return time.monotonic() - began, answer


@pytest.fixture
def endless(stack, tmp_path):
    log = tmp_path / "log"
    with web_server("rsgi", "tests.harness.endless:application", log, **environment_of(stack)) as port:
        yield port


def counted(port: int) -> tuple[int, int, int]:
    """Parts made, answers closed, MB of memory."""
    parts, closed, memory = call(port, "GET", "/quick", timeout=5).body.split()
    return int(parts), int(closed), int(memory)


def test_answers_that_are_not_read_hold_neither_memory_nor_others(endless, numbers):
    """Two downloads of 6 GB, 32 answers of 2 MB; nobody reads. After 30 seconds their connections end."""
    _parts, _closed, before = counted(endless)
    made, whole = (f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in ("/made?100000", "/whole?2000000"))
    with callers(endless, 2, made, receive=4096) as [one, *_rest], callers(endless, 32, whole, receive=4096):
        parts, _closed, memory = counted(endless)
        assert parts < 400 and memory - before < 150
        if FULL:
            until = time.monotonic() + 60  # the server ends what nobody reads after 30 seconds
            while counted(endless)[1] < 2 and time.monotonic() < until:
                time.sleep(0.5)
            assert counted(endless)[1] == 2
            with pytest.raises(ConnectionError):
                while one.recv(1 << 20):
                    pass
    numbers("answers nobody reads", parts_made=parts, of=200_000, memory=f"+{memory - before} MB")


def test_a_download_that_fails_is_cut_off_and_one_that_is_read_is_whole(endless):
    assert len(call(endless, "GET", "/made?300").body) == 300 * 65536
    caller = http.client.HTTPConnection("127.0.0.1", endless, timeout=20)
    caller.request("GET", "/broken")
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        caller.getresponse().read()

    assert counted(endless)[:2] == (303, 2)


def test_an_idle_connection_outlasts_the_pause_between_two_calls(stack):
    """60 seconds, so that callers who keep connections for less are never cut off."""
    pause = size(5, 45)
    caller = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=20)
    for _call in range(2):
        caller.request("GET", "/healthz")
        kept = caller.sock
        assert caller.getresponse().read() == b"ok"
        time.sleep(pause * (_call == 0))

    assert caller.sock is kept


def test_headers_arrive_whole_and_an_underscore_does_not_pass_for_a_dash(stack):
    """Two cookies in two headers, a header twice; ``X_Forwarded_Proto`` says nothing."""
    with socket.create_connection(("127.0.0.1", stack.port), timeout=20) as caller:
        caller.sendall(
            b"HEAD /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nCookie: django_language=de\r\nCookie: other=1\r\n"
            b"Accept-Language: fr\r\nAccept_Language: ja\r\nConnection: close\r\n\r\n"
        )
        answer = b""
        while part := caller.recv(65536):
            answer += part

    head, _blank, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ") and body == b""
    assert b"content-language: fr" in head.lower() or b"content-language: de" in head.lower()
