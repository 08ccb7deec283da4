"""What beat asks for exists, may run twice, and waits for nobody."""

import ast

import pytest

from moments.celery import app
from tests import make
from tests.test_imports import LINE, ROOT, files_of


def test_every_entry_of_the_schedule_is_a_task():
    app.autodiscover_tasks(force=True)

    names = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert names <= set(app.tasks)
    assert len(names) == 11


@pytest.mark.parametrize("name", sorted(entry["task"] for entry in app.conf.beat_schedule.values()))
def test_every_task_runs_twice_without_harm(db, name):
    campaign = make.campaign()
    make.order(make.reward(campaign), by=make.customer())
    app.autodiscover_tasks(force=True)

    for _time in range(2):
        app.tasks[name].apply(throw=True)


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


def test_a_dead_broker_does_not_undo_what_was_committed(db, client, django_capture_on_commit_callbacks, monkeypatch):
    def lost(*args, **kwargs):
        raise OSError("no broker")

    monkeypatch.setattr(app, "send_task", lost)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            "/accounts/signup/", {"name": "Kim", "email": "kim@example.com", "password1": make.PASSWORD}
        )

    assert answer.status_code == 302
