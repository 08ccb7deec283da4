"""While no broker answers, the scheduler runs what is due in its own process, one of each at a time."""

import threading
import time

import pytest
from django.db import connections

from moments.celery import app
from moments.integrations import task_dispatch
from moments.local_runs import LocalRuns, run_alone
from moments.scheduler import Scheduler
from outbox.models import Heartbeat

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
NOTE_BEAT = "outbox.tasks.note_beat"


@pytest.fixture(autouse=True)
def tasks():
    app.autodiscover_tasks(force=True)


@pytest.fixture
def no_broker(monkeypatch):
    monkeypatch.setattr(task_dispatch, "_connection", lambda: task_dispatch.app._connection("redis://127.0.0.1:1/0"))


def in_a_thread(act) -> None:
    thread = threading.Thread(target=act)
    thread.start()
    thread.join(20)


def hearts() -> int:
    return Heartbeat.objects.filter(kind="beat").count()


def wait_for_a_heart() -> None:
    until = time.monotonic() + 20
    while not hearts():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "runs"), [(NOTE_BEAT, False), ("another", True)])
def test_a_task_that_another_scheduler_is_running_is_not_run_beside_it(name, runs):
    """The control holds the lock of another task."""
    other = connections["default"].copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"scheduled task {name}"])
    found = []

    in_a_thread(lambda: found.append(run_alone(NOTE_BEAT)))
    other.close()

    assert found == [runs]
    assert hearts() == runs


@pytest.mark.slow
def test_the_lock_of_a_run_ends_with_it_also_when_it_fails(monkeypatch, caplog):
    found = []

    def fail(*, now) -> None:
        raise ValueError(now)

    with monkeypatch.context() as broken:
        broken.setattr("outbox.heartbeats.forget_gone", fail)
        in_a_thread(lambda: found.append(run_alone(NOTE_BEAT)))
    in_a_thread(lambda: found.append(run_alone(NOTE_BEAT)))

    assert found == [False, True]
    assert f"{NOTE_BEAT} failed." in caplog.text


@pytest.mark.slow
def test_a_task_that_is_still_running_is_not_started_again(monkeypatch):
    begun, may_end = threading.Event(), threading.Event()

    def hang(*, now) -> None:
        begun.set()
        may_end.wait(20)

    monkeypatch.setattr("outbox.heartbeats.forget_gone", hang)
    runs = LocalRuns()

    first = runs.begin(NOTE_BEAT)
    begun.wait(20)
    second = runs.begin(NOTE_BEAT)
    may_end.set()
    until = time.monotonic() + 20
    while not (third := runs.begin(NOTE_BEAT)) and time.monotonic() < until:
        time.sleep(0.02)
    runs._pool.shutdown(wait=True)

    assert (first, second, third) == (True, False, True)


@pytest.mark.slow
def test_the_scheduler_runs_what_is_due_itself_while_no_broker_answers(no_broker):
    scheduler = Scheduler(app=app, lazy=True)
    scheduler.setup_schedule()
    entry = scheduler.schedule["note the beat"]

    scheduler.apply_entry(entry)

    wait_for_a_heart()
    scheduler.local_runs._pool.shutdown(wait=True)


@pytest.mark.slow
def test_the_scheduler_leaves_work_to_workers_while_the_broker_answers():
    scheduler = Scheduler(app=app, lazy=True)
    scheduler.setup_schedule()

    scheduler.apply_entry(scheduler.schedule["note the beat"])

    assert not scheduler.local_runs._begun
    scheduler.close()
    assert not hearts()


@pytest.mark.slow
def test_all_of_the_schedule_is_run_and_a_tick_does_not_wait_for_the_broker(no_broker, monkeypatch):
    scheduler, begun = Scheduler(app=app, lazy=True), []
    monkeypatch.setattr(scheduler.local_runs, "begin", begun.append)
    scheduler.setup_schedule()

    began = time.monotonic()
    for _time in range(100):
        scheduler.tick()

    assert sorted(begun) == sorted(entry["task"] for entry in app.conf.beat_schedule.values())
    assert time.monotonic() - began < 5
