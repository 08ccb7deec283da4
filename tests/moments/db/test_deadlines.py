"""What hangs or is gone costs a caller no longer than it may, and nothing more. Real sockets that never answer."""

import logging
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import OperationalError, connection
from kombu.pools import producers

from accounts.api_keys.authentication import find_caller
from api import limits
from moments.db import base
from moments.db.deadlines import within_deadline
from moments.integrations import rate_limits, task_dispatch
from moments.integrations.circuit_breaker import CircuitBreaker
from moments.security.log_redaction import BrokerChanges
from tests import make
from tests.harness.clocks import fastest


@pytest.fixture
def black_hole():
    """A port that accepts and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    kept = []

    def accept():
        while True:
            try:
                kept.append(listener.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()
    for one in kept:
        one.close()


@pytest.mark.slow
def test_a_server_that_hangs_is_found_out_within_two_seconds_and_the_next_caller_does_not_wait(black_hole):
    def connect_again():
        with within_deadline(10), pytest.raises(psycopg.OperationalError):
            base.Connection.connect(f"host=127.0.0.1 port={black_hole} user=x dbname=x")

    def connect():
        base.gone.close()
        connect_again()

    assert base.QUIET < fastest(connect, below=2) < 2
    assert fastest(connect_again, below=0.1) < 0.1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_query_that_hangs_ends_at_the_deadline_and_its_connection_is_not_used_again():
    def ask():
        with within_deadline(0.5), connection.cursor() as cursor, pytest.raises(OperationalError):
            cursor.execute("SELECT pg_sleep(5)")

    def ask_anew():
        ask()
        assert connection.connection.closed
        connection.close()

    assert 0.4 < fastest(ask_anew, below=1.2) < 1.2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_server_that_is_merely_slow_is_waited_for():
    with within_deadline(10), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2.2)")


def test_a_server_that_says_no_is_there(db):
    base.Connection.connect(**{**connection.get_connection_params(), "cursor_factory": None, "context": None}).close()
    base._server = base._server.replace("dbname=", "dbname=no_such_")

    assert base.answers()


@pytest.mark.slow
def test_without_a_deadline_a_query_takes_as_long_as_it_takes(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.6)")


def test_a_broker_that_hangs_costs_a_request_a_quarter_of_a_second_once(black_hole, db, monkeypatch):
    limits_of_it = {"socket_timeout": task_dispatch.PATIENCE, "socket_connect_timeout": task_dispatch.PATIENCE}
    made = task_dispatch.app._connection(f"redis://127.0.0.1:{black_hole}/0", transport_options=limits_of_it)
    monkeypatch.setattr(task_dispatch, "_connection", lambda: made)

    def nudge_again():
        assert not task_dispatch.enqueue("outbox.tasks.deliver_mail", 1)

    def nudge():
        task_dispatch.broker_gone.close()
        nudge_again()

    assert fastest(nudge, below=0.4) < 0.25 + 0.15
    assert fastest(nudge_again, below=0.05) < 0.05
    producers[made].force_close_all()


def lines_about_redis(caplog) -> list[str]:
    return [line.getMessage().partition(" (Error")[0] for line in caplog.records if "Redis" in line.getMessage()]


def test_a_broker_that_is_gone_is_logged_once_and_once_when_it_is_back(db, monkeypatch, caplog):
    def try_often() -> None:
        for _time in range(5):
            task_dispatch.broker_gone._open_until = 0.0  # its rest is over
            task_dispatch.enqueue("outbox.tasks.sweep_outbox")

    try_often()
    with monkeypatch.context() as gone:
        gone.setattr(task_dispatch, "_connection", lambda: task_dispatch.app._connection("redis://127.0.0.1:1/0"))
        try_often()
        gone_lines = lines_about_redis(caplog)
    try_often()

    assert gone_lines == ["The broker (Redis) does not answer"]
    assert lines_about_redis(caplog) == [*gone_lines, "The broker (Redis) answers again."]


def test_a_limiter_that_is_gone_is_logged_once_and_once_when_it_is_back(db, settings, monkeypatch, caplog):
    caller, url = find_caller(make.api_key(make.app())), settings.REDIS_URL

    def try_often(url: str) -> None:
        settings.REDIS_URL = url
        monkeypatch.setattr(rate_limits, "_local", threading.local())
        for _time in range(5):
            rate_limits.redis_gone._open_until = 0.0
            limits.hit_call_limit(caller)

    try_often(url)
    try_often("redis://127.0.0.1:1/0")
    gone_lines = lines_about_redis(caplog)
    try_often(url)

    assert gone_lines == ["Redis does not answer"]
    assert lines_about_redis(caplog) == [*gone_lines, "Redis answers again."]


def test_many_threads_that_notice_the_same_loss_log_one_line(caplog):
    breaker = CircuitBreaker(cooldown=5, name="Redis")
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _number: breaker.trip("reset"), range(64)))
        list(pool.map(lambda _number: breaker.close(), range(64)))

    assert len(lines_about_redis(caplog)) == 2


def test_a_worker_logs_that_its_broker_is_gone_once_and_that_it_is_back():
    """The lines are those that Celery's consumer logs, in their order."""
    changes = type("Fresh", (BrokerChanges,), {"is_gone": False})()
    said = ["Connected to redis://x", "consumer: Connection to broker lost. Trying again...", "paragraph"]
    said[2] = f"You can enable this using the {BrokerChanges.ADVICE} setting"
    said += ["Couldn't ack 'b1', reason:ConnectionError('Connection closed by server.')"]
    said += ["consumer: Cannot connect to redis://x: Closed.\nTrying again in 2.00 seconds... (1/100)\n"] * 9
    said += ["Connected to redis://x", "a task failed"]

    records = [logging.LogRecord("x", logging.WARNING, "", 0, text, (), None) for text in said]
    logged = [record.getMessage() for record in records if changes.filter(record)]

    assert logged == [
        "The broker (Redis) does not answer: consumer: Connection to broker lost. Trying again...",
        "The broker (Redis) answers again.",
        "a task failed",
    ]


def test_a_message_that_cannot_be_acknowledged_is_logged_without_its_traceback():
    changes = type("Fresh", (BrokerChanges,), {"is_gone": False})()
    try:
        raise ConnectionError("Connection closed by server.")
    except ConnectionError:
        record = logging.LogRecord("x", logging.CRITICAL, "", 0, "Couldn't ack 'b1', reason: it", (), sys.exc_info())

    assert changes.filter(record)
    assert record.getMessage() == "The broker (Redis) does not answer: Couldn't ack 'b1', reason: it"
    assert record.exc_info is None


def test_a_limiter_that_hangs_is_replaced_by_one_of_the_process_at_half_the_rate(black_hole, db, settings, monkeypatch):
    settings.REDIS_URL = f"redis://127.0.0.1:{black_hole}/0"
    monkeypatch.setattr(rate_limits, "_local", threading.local())
    caller = find_caller(make.api_key(make.app()))

    allowed = []

    def spend():
        rate_limits.redis_gone.close()
        allowed.extend(limits.hit_call_limit(caller).allowed for _call in range(12))

    assert fastest(spend, below=0.4) < 0.25 + 0.15
    assert allowed[:12].count(True) == 5  # half of a burst of 10
