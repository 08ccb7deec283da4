"""What beat asks for exists, may run twice, and waits for nobody."""

import ast
import datetime as dt

import pytest
from celery import beat
from django.db import transaction

from moments.celery import app
from moments.db.deadlines import TASK
from moments.integrations.task_dispatch import enqueue
from moments.scheduler import Scheduler
from outbox.emails.rendering import send_over_smtp
from outbox.models import Mail
from tests import make
from tests.test_imports import LINE, ROOT, files_of


def test_every_entry_of_the_schedule_is_a_task():
    app.autodiscover_tasks(force=True)

    names = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert names <= set(app.tasks)
    assert len(names) == 26


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(entry["task"] for entry in app.conf.beat_schedule.values()))
def test_every_task_runs_twice_without_harm(db, name):
    campaign = make.campaign()
    make.order(make.reward(campaign), by=make.customer())
    app.autodiscover_tasks(force=True)

    for _time in range(2):
        app.tasks[name].apply(throw=True)


@pytest.mark.slow
def test_no_task_waits_for_a_clock_of_its_own():
    """No countdown and no ETA anywhere: expiry is a fact of the clock, found by a sweep."""
    waits = {
        f"{path.relative_to(ROOT)}: {keyword.arg}"
        for name in LINE
        for path in files_of(name)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in {"countdown", "eta"}
    }

    assert not waits


def test_a_worker_keeps_its_message_until_its_work_is_done():
    conf = app.conf
    timeouts = {
        conf.visibility_timeout,
        conf.broker_transport_options["visibility_timeout"],
        conf.result_backend_transport_options["visibility_timeout"],
    }

    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert len(timeouts) == 1 and timeouts.pop() > TASK
    assert conf.worker_soft_shutdown_timeout > 0
    assert (conf.task_serializer, conf.accept_content) == ("json", ["json"])


CALLS_OUT = {"send_over_smtp", "nudge", "call_json", "urlopen", "apply_async", "delay", "send_task", "open_connection"}


@pytest.mark.slow
def test_nothing_calls_out_inside_a_transaction():
    """No call that leaves the machine stands in an atomic block, but in what waits for the commit."""
    found = {
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for name in LINE
        for path in files_of(name)
        for block in atomic_blocks(ast.parse(path.read_text()))
        for call in calls_at_once(block)
        if name_of(call.func) in CALLS_OUT
    }

    assert not found


def atomic_blocks(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any("atomic" in ast.unparse(item.context_expr) for item in node.items):
            yield from node.body
        if isinstance(node, ast.FunctionDef) and any("atomic" in ast.unparse(one) for one in node.decorator_list):
            yield from node.body


def calls_at_once(node: ast.AST):
    """Calls in it, but those inside a lambda, which run later."""
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.Call):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from calls_at_once(child)


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_the_search_for_calls_in_transactions_finds_them():
    """Against a search that finds nothing because it looks at nothing."""
    text = "with transaction.atomic():\n    nudge('x')\n    on_commit(lambda: nudge('y'))"

    assert [call.lineno for block in atomic_blocks(ast.parse(text)) for call in calls_at_once(block)] == [2, 3]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_mail_and_nudges_refuse_to_leave_inside_a_transaction(settings):
    settings.SMTP_URL = "smtp://127.0.0.1:1"
    mail = Mail(kind="plain", to_email="kim@example.com", subject="Hello", text="Hello")

    for act in (lambda: enqueue("outbox.tasks.sweep_outbox"), lambda: send_over_smtp(mail)):
        with pytest.raises(RuntimeError), transaction.atomic():
            act()


def test_a_dead_broker_does_not_undo_what_was_committed(db, client, django_capture_on_commit_callbacks, monkeypatch):
    def lost(*args, **kwargs):
        raise OSError("no broker")

    monkeypatch.setattr(app, "send_task", lost)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            "/accounts/signup/", {"name": "Kim", "email": "kim@example.com", "password1": make.PASSWORD}
        )

    assert answer.status_code == 302


# A clock that was ahead


class Asked:
    """A scheduler whose clock is put, and what it asked for."""

    def __init__(self, monkeypatch, kind) -> None:
        self.names: list[str] = []
        self.scheduler = kind(app=app, lazy=True)
        monkeypatch.setattr(self.scheduler, "apply_entry", lambda entry, producer=None: self.names.append(entry.task))
        self.scheduler.setup_schedule()

    def tick_for_a_while(self) -> list[str]:
        self.names.clear()
        for _time in range(100):
            self.scheduler.tick()
        return self.names


@pytest.mark.parametrize(("kind", "is_silent"), [(Scheduler, False), (beat.Scheduler, True)])
def test_the_scheduler_goes_on_when_a_clock_that_was_ahead_is_put_right(monkeypatch, kind, is_silent):
    """The control is the library's own."""
    asked = Asked(monkeypatch, kind)
    for entry in asked.scheduler.schedule.values():
        entry.last_run_at += dt.timedelta(days=3)

    assert (asked.tick_for_a_while() == []) == is_silent


def test_the_scheduler_asks_for_everything_when_it_starts_and_then_by_the_clock(monkeypatch):
    asked = Asked(monkeypatch, Scheduler)

    assert sorted(asked.tick_for_a_while()) == sorted(entry["task"] for entry in app.conf.beat_schedule.values())
    assert asked.tick_for_a_while() == []


def test_nothing_of_the_schedule_is_kept_in_a_file():
    command = (ROOT / "moments/devserver/launcher.py").read_text()

    assert "moments.scheduler.Scheduler" in command and '"-s"' not in command
    assert not hasattr(Scheduler, "_open_schedule")
