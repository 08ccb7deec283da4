"""A reload is done when worker and scheduler are ready, not when they merely live."""

import sys
import time

import pytest

from moments.devserver.processes import Child
from moments.devserver.ready_marks import FOLDER_NAME, wait_until_ready

READY = "import signal; from moments.devserver.ready_marks import mark_ready; mark_ready('worker'); signal.pause()"
NEVER = "import signal; signal.pause()"


@pytest.fixture
def start(tmp_path, settings):
    made = []

    def act(name: str, code: str) -> Child:
        made.append(Child(name, [sys.executable, "-c", code], cwd=settings.BASE_DIR, env={FOLDER_NAME: str(tmp_path)}))
        return made[-1]

    yield act
    for child in made:
        child.end(lambda: True)


def wait(tmp_path, *children, seconds: float) -> list[str]:
    return wait_until_ready(tmp_path, children, lambda: False, seconds)


@pytest.mark.slow
def test_a_process_that_lives_and_is_not_ready_in_time_is_named(start, tmp_path):
    ready, never = start("worker", READY), start("beat", NEVER)
    assert wait(tmp_path, ready, seconds=20) == []

    assert wait(tmp_path, ready, never, seconds=0.2) == ["beat"]
    assert never.is_running()


@pytest.mark.slow
def test_the_mark_of_the_process_before_does_not_count(start, tmp_path):
    assert wait(tmp_path, start("worker", READY), seconds=20) == []

    assert wait(tmp_path, start("worker", NEVER), seconds=0.2) == ["worker"]


def test_a_process_that_ends_is_not_waited_for(start, tmp_path):
    began = time.monotonic()

    assert wait(tmp_path, start("worker", "raise SystemExit(1)"), seconds=60) == ["worker"]

    assert time.monotonic() - began < 20
