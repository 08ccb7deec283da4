"""A dependency is gone, silent or empty: what still works, how long it takes, and that it comes back by itself."""

import itertools
import json
import os
import signal
import statistics
import time
from collections.abc import Callable

import pytest
import redis

from tests.harness.crowd import together
from tests.harness.http import App, call, outcome
from tests.harness.numbers import size
from tests.harness.relayed import RelayedStack
from tests.harness.smtp_sink import Sink
from tests.moments.devserver.test_launcher import pids

pytestmark = [pytest.mark.xdist_group("degraded"), pytest.mark.timeout(600)]
ROUNDS = size(6, 12)
WAIT = 0.25 + 0.1  # seconds: what a call may wait for Redis, and a tenth for everything else


@pytest.fixture(scope="module")
def sink():
    started = Sink().start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def stack(sink):
    running = RelayedStack(delay=0.0, MOMENTS_WEB_THREADS="4", SMTP_URL=sink.url).start()
    yield running
    assert running.end() == 0, running.log.read_text()
    running.remove()


@pytest.fixture(scope="module")
def app(stack):
    return App(stack.port, stack.make_campaign("--stock", "1000"))


@pytest.fixture(scope="module")
def program(stack):
    """Points for levels, exchanged automatically."""
    done = stack.manage("make_program", "--rule", "level=60", "--tier", "100", "--automatic")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def timed(act) -> tuple[float, object]:
    began = time.monotonic()
    answer = act()
    return time.monotonic() - began, answer


def issue_some(app: App, *, apart: float = 0.0) -> list[float]:
    """Seconds of each; all of them issued. ``apart`` is the pause between two."""
    found = []
    for _round in range(ROUNDS):
        found.append(timed(app.call))
        time.sleep(apart)
    assert {outcome(answer) for _seconds, answer in found} == {"ok"}
    return [seconds for seconds, _answer in found]


def calmest(measure: Callable[[], list[float]], *, below: float) -> list[float]:
    """Of up to three rounds the one whose longest is the shortest: a busy machine does not stall every round."""
    rounds = [measure()]
    while max(rounds[-1]) >= below and len(rounds) < 3:
        rounds.append(measure())
    return min(rounds, key=max)


def post_events(stack, program: dict, user: str) -> None:
    """Two events alone, the second of which is exchanged, and a batch; each sent twice, and counted once."""
    headers = {"Authorization": f"Bearer {program['apiKey']}", "Content-Type": "application/json"}

    def post(body: dict) -> dict:
        answer = call(stack.port, "POST", "/api/v1/events", json.dumps(body).encode(), **headers)
        assert answer.status == 200, answer.body
        return answer.json

    def event(name: str, who: str) -> dict:
        email = f"{user}-{name}@example.com"
        return {"event_id": f"{user}-{name}", "user_id": who, "action": "level", "email": email}

    for is_repeat in (False, True):
        first, second = (post(event(name, user)) for name in ("a", "b"))
        batch = post({"events": [event(str(number), f"{user}-{number % 3}") for number in range(6)]})["results"]
        assert (first["replayed"], second["replayed"]) == (is_repeat, is_repeat)
        assert (len(second["reward_urls"]), second["available"]) == (1, 20)
        assert {result["status"] for result in batch} == {"replayed" if is_repeat else "counted"}
    with stack.connect() as database:
        kept = database.execute(
            "SELECT (SELECT count(*) FROM rewards_pointevent WHERE event_id LIKE %(like)s),"
            " (SELECT count(*) FROM rewards_pointexchange x JOIN rewards_pointaccount a ON a.id = x.account_id"
            " WHERE a.app_user_id LIKE %(like)s),"
            " (SELECT count(*) FROM outbox_mail WHERE to_email LIKE %(like)s)",
            {"like": f"{user}%"},
        ).fetchone()
    assert kept == (8, 4, 4), "events, exchanges, emails: 2, 1, 1 of the user, and 6, 3, 3 of the batch"


def slack(stack) -> float:
    """How long a call that touches nothing takes at worst just now: what a busy machine adds to all others."""
    return max(timed(lambda: call(stack.port, "GET", "/healthz"))[0] for _round in range(20))


def until(check, seconds: float):
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, "it did not come back"
        time.sleep(0.1)
    return found


@pytest.mark.parametrize("how", ["drop", "hole"])
def test_without_redis_rewards_are_issued_and_nobody_waits_long(stack, app, program, numbers, how):
    time.sleep(5.2)  # whatever failed before is tried again
    before = issue_some(app)

    stack.redis_relay.tell(how)
    try:
        # Long enough for several to try Redis once more.
        during = calmest(lambda: issue_some(app, apart=1.0), below=statistics.median(before) + WAIT)
        post_events(stack, program, how)
        page = call(stack.port, "GET", "/accounts/login/")
        with stack.connect() as database:
            database.execute("UPDATE accounts_app SET rate_per_second = 5 WHERE id = %s", [app.made["appId"]])
        found = [outcome(answer) for answer in together(32, lambda _number: app.call("GetRewardInfo"))]
        busy = slack(stack)
    finally:
        stack.redis_relay.tell("pass")
        with stack.connect() as database:
            database.execute("UPDATE accounts_app SET rate_per_second = NULL WHERE id = %s", [app.made["appId"]])

    added = max(during) - statistics.median(before)
    assert page.status == 200
    assert found.count("ok") <= 2 * 5  # each of two processes allows half of the burst of 10
    assert "429" in found
    assert added < WAIT + 3 * busy
    assert how == "drop" or added > 0.1  # somebody did wait, so it was silent indeed
    assert issue_some(app)
    numbers(
        f"Redis {'silent' if how == 'hole' else 'down'}",
        issued=len(during),
        errors=0,
        longest_added=f"{added * 1000:.0f} ms",
        median=f"{statistics.median(during) * 1000:.0f} ms",
    )


def test_without_redis_a_new_account_gets_its_confirmation_and_the_log_stays_short(stack, app, numbers):
    """The scheduler sweeps every minute; one that has just started sweeps at once, which spares the test the minute."""
    time.sleep(5.2)  # whatever failed before is tried again
    until(lambda: worker_has_its_broker(stack), 60)
    issue_some(app)  # the web has its Redis again, too, and will say when it is gone
    before = stack.log.read_text()
    stack.redis_relay.tell("drop")
    try:
        sign_up(stack, "without-redis@example.com")
        os.kill(min(pids(stack, "celery --quiet -A moments --skip-checks beat")), signal.SIGKILL)
        seconds, _found = timed(lambda: until(lambda: is_sent(stack, "without-redis@example.com"), 40))
        issue_some(app, apart=1.0)
    finally:
        stack.redis_relay.tell("pass")
    until(lambda: lines_about_redis(stack, before, "worker", "answers again"), 60)

    gone = {name: lines_about_redis(stack, before, name, "does not answer") for name in ("worker", "beat", "web")}
    most = {"worker": 2, "beat": 2, "web": 4}  # two of each: reader and writer, killed and new, web processes
    assert {name: lines for name, lines in gone.items() if not 1 <= len(lines) <= most[name]} == {}
    assert tracebacks(stack, before) == []
    numbers("Redis down, first mail", after=f"{seconds:.1f} s")


def is_sent(stack, email: str) -> bool:
    with stack.connect() as database:
        found = database.execute("SELECT status FROM outbox_mail WHERE to_email = %s", [email]).fetchall()
    return found == [("sent",)]


def worker_has_its_broker(stack) -> bool:
    """What the worker lost in an earlier test it may find again only now; it logs each loss once."""
    lines = lines_about_redis(stack, "", "worker", "The broker (Redis)")
    return not lines or "answers again" in lines[-1]


def lines_about_redis(stack, before: str, process: str, words: str) -> list[str]:
    lines = stack.log.read_text().removeprefix(before).splitlines()
    return [line for line in lines if line.split(" | ")[0].strip() == process and "Redis" in line and words in line]


def tracebacks(stack, before: str) -> list[str]:
    """The line above each one, which says whose it is."""
    lines = stack.log.read_text().removeprefix(before).splitlines()
    return [line for line, after in itertools.pairwise(["", *lines]) if "Traceback" in after]


def test_a_wiped_redis_is_used_again_at_once(stack, app, sink, numbers):
    """The queue's bindings are gone with everything else; the next mail is nudged all the same."""
    client = redis.Redis(unix_socket_path=str(stack.redis.socket))
    signed_up = 0
    for round_ in range(3):
        client.flushall()
        time.sleep(1)
        before = len(sink.ids)
        sign_up(stack, f"wiped{round_}@example.com")
        seconds, _found = timed(lambda known=before: until(lambda: len(sink.ids) > known, 20))
        signed_up += 1
        assert seconds < 10
    numbers("Redis wiped, next mail", wipes=signed_up, last_after=f"{seconds:.1f} s")


def sign_up(stack, email: str) -> None:
    token = "a" * 32
    body = f"name=Kim&email={email.replace('@', '%40')}&password1=correct+horse+battery+staple"
    headers = {"Cookie": f"csrftoken={token}", "X-CSRFToken": token}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    answer = call(stack.port, "POST", "/accounts/signup/", body.encode(), **headers)
    assert answer.status == 302, answer.status


def page_after_signing_up(stack) -> str:
    return call(stack.port, "GET", "/accounts/confirm-email/").body.decode()


@pytest.mark.parametrize("how", ["drop", "hole"])
def test_without_postgresql_the_api_says_so_within_two_seconds(stack, app, numbers, how):
    issue_some(app)

    stack.postgres_relay.tell(how)
    try:
        answers = []

        def refusals(callers: Callable[[], list[tuple]]) -> Callable[[], list[float]]:
            def measure() -> list[float]:
                time.sleep(1.1)  # until somebody tries the server again
                found = callers()
                answers.extend(answer for _seconds, answer in found)
                return [seconds for seconds, _answer in found]

            return measure

        alone = calmest(refusals(lambda: [timed(app.call) for _round in range(4)]), below=2)
        crowd = calmest(refusals(lambda: together(24, lambda _number: timed(app.call))), below=4)
        busy = slack(stack)
        seconds, page = timed(lambda: call(stack.port, "GET", "/accounts/login/", Cookie="sessionid=x"))
        monitor = call(stack.port, "GET", "/readyz")
    finally:
        stack.postgres_relay.tell("pass")

    assert {answer.status for answer in answers} == {503}
    assert all(answer.headers["retry-after"] == "2" for answer in answers)
    longest = max(alone)
    assert longest < 2 + 3 * busy
    assert max(crowd) < 2 * (2 + 3 * busy)  # 24 callers, 8 at a time
    assert (page.status, monitor.status) == (503, 503) or page.status == 200
    assert b"Traceback" not in page.body
    back, _answer = timed(lambda: until(lambda: outcome(app.call()) == "ok", 20))
    assert back < 10
    assert stack.manage("reconcile").stdout == "The books agree.\n"
    numbers(
        f"PostgreSQL {'silent' if how == 'hole' else 'down'}",
        answers_503=len(answers),
        longest=f"{longest:.2f} s",
        back_after=f"{back:.1f} s",
    )


def test_without_smtp_mail_waits_and_goes_out_once(stack, sink, numbers):
    sink.stop()
    sign_up(stack, "late@example.com")
    with stack.connect() as database:
        mail = ("SELECT message_id::text, status, attempts FROM outbox_mail WHERE to_email = 'late@example.com'",)
        until(lambda: database.execute(*mail).fetchone()[1:] == ("queued", 1), 20)
        name, _status, attempts = database.execute(*mail).fetchone()
        assert "Mail may be late just now" in page_after_signing_up(stack)
        sink.start()
        database.execute("UPDATE outbox_mail SET due_at = now() WHERE to_email = 'late@example.com'")
        for _sweep in range(2):
            stack.manage("sweep_outbox")
    until(lambda: sink.ids[name], 20)
    assert sink.ids[name] == 1
    until(lambda: "Mail may be late" not in page_after_signing_up(stack), 20)
    numbers("SMTP down", sign_up="works", attempts=attempts + 1, sent=sink.ids[name])


def test_what_a_broken_caller_sends_is_no_fault(stack, app, numbers):
    """Half a request, rubbish, a huge body: answered or closed; the next caller notices nothing."""
    rubbish = [b"GET", b"\x00\xff" * 100, b"POST /prod/GetReward HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"]
    import socket

    for data in rubbish:
        with socket.create_connection(("127.0.0.1", stack.port), 5) as raw:
            raw.sendall(data)
    answer = call(stack.port, "POST", "/prod/GetReward", json.dumps({"a": "x" * 70_000}).encode())
    assert answer.status in {403, 413}
    assert outcome(app.call()) == "ok"
    numbers("rubbish on the wire", sent=len(rubbish) + 1, next_call="ok")
