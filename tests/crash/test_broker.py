"""Redis forgets everything, or says everything twice: mail is delayed at most, and sent once each."""

import subprocess
import sys
import time

import pytest
import redis

from tests.crash.test_kills import connect
from tests.harness.numbers import FULL, size
from tests.harness.repeated_delivery import Twice
from tests.stack import ROOT, Stack

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(1500)]


def socket_of(stack: Stack) -> str:
    done = stack.python("-c", "import moments.settings as s; print(s.REDIS_URL)")
    return done.stdout.strip().removeprefix("unix://").partition("?")[0]


def begin_mailing(stack: Stack, count: int) -> subprocess.Popen:
    """In the background, as a process of its own beside the web server."""
    names = ("PATH", "MOMENTS_DATA_DIR", "SMTP_URL")
    environment = {name: value for name, value in stack.environment.items() if name in names}
    command = [sys.executable, "-m", "tests.harness.mailer", str(count)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def unsent(stack: Stack) -> int:
    with connect(stack) as database:
        return database.execute("SELECT count(*) FROM outbox_mail WHERE status <> 'sent'").fetchone()[0]


def ids(stack: Stack) -> set[str]:
    with connect(stack) as database:
        return {row[0] for row in database.execute("SELECT message_id::text FROM outbox_mail").fetchall()}


def forget_mails(stack: Stack) -> None:
    """Those of the test before, once they are sent."""
    until_sent(stack, 100)
    with connect(stack) as database:
        database.execute("DELETE FROM outbox_mail")


def until_sent(stack: Stack, seconds: float) -> float:
    began = time.monotonic()
    while unsent(stack):
        assert time.monotonic() - began < seconds, stack.log.read_text()[-2000:]
        time.sleep(0.3)
    return time.monotonic() - began


def test_a_redis_that_is_wiped_again_and_again_loses_no_mail(stack, sink, numbers):
    count, wipes = size(30, 1000), 5
    sink.ids.clear()
    forget_mails(stack)
    client = redis.Redis(unix_socket_path=socket_of(stack))
    mailing = begin_mailing(stack, count)
    for wipe in range(1, wipes + 1):
        while len(sink.ids) < 2 * count * wipe // (wipes + 3) and mailing.poll() is None:
            time.sleep(0.02)
        client.flushall()
    assert mailing.wait(600) == 0

    if not FULL:
        stack.manage("sweep_outbox")  # what the scheduler does every minute
    waited = until_sent(stack, 200)

    assert set(sink.ids) == ids(stack)
    duplicates = sum(sink.ids.values()) - len(sink.ids)
    assert duplicates <= 1
    assert stack.manage("reconcile").stdout == "The books agree.\n"
    numbers("Redis wiped", wipes=wipes, issues_and_orders=2 * count, mails=len(sink.ids), twice=duplicates)
    numbers("Redis wiped: last mail after", seconds=f"{waited:.1f}")


def test_messages_that_come_twice_are_worked_on_once(stack, sink, numbers):
    count = size(20, 500)
    sink.ids.clear()
    forget_mails(stack)
    twice = Twice(socket_of(stack)).start()
    assert begin_mailing(stack, count).wait(600) == 0

    until_sent(stack, 200)
    time.sleep(2)  # whatever is still in the queue

    assert twice.added >= 2 * count and twice.seen >= 2 * twice.added - 2
    assert set(sink.ids) == ids(stack)
    assert set(sink.ids.values()) == {1}
    assert stack.manage("reconcile").stdout == "The books agree.\n"
    numbers("every message twice", messages=twice.added, mails=len(sink.ids), sent_twice=0)
