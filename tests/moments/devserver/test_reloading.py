"""How a reload reaches web workers: by files for their owner alone, marked by each worker that is up."""

import os
import stat

import pytest

from moments.devserver import reloading
from moments.devserver.reloading import (
    ENVIRONMENT,
    MARKS,
    PATH_NAME,
    REPORT,
    ask_to_reload,
    forget,
    is_alive,
    pass_on,
    read,
    report,
    take_up_environment,
    wait_for_web,
    web_workers,
    write_private,
)

GONE = 2**22 + 1  # beyond the highest process id


@pytest.fixture(autouse=True)
def environment():
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def mark(folder, generation: int, pid: int) -> None:
    (folder / MARKS).mkdir(parents=True, exist_ok=True)
    (folder / MARKS / f"{generation}-{pid}").touch()


def test_what_is_passed_on_is_for_its_owner_alone_and_replaced_whole(tmp_path):
    file = tmp_path / "run" / "keys.json"

    write_private(file, {"a": 1})
    write_private(file, {"b": 2})

    assert read(file) == {"b": 2} and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("content", [None, "", "{", "half"])
def test_a_file_that_is_missing_or_broken_says_nothing(tmp_path, content):
    if content is not None:
        (tmp_path / "x").write_text(content)

    assert read(tmp_path / "x") == {}


def test_a_worker_takes_up_the_environment_and_marks_that_it_is_up(tmp_path):
    pass_on(tmp_path, {"MOMENTS_API_RATE": "9/s"}, 3)
    os.environ |= {PATH_NAME: str(tmp_path / ENVIRONMENT), "OF_BEFORE": "1"}

    is_up = take_up_environment()
    assert os.environ["MOMENTS_API_RATE"] == "9/s" and "OF_BEFORE" not in os.environ
    assert web_workers(tmp_path) == []

    is_up()
    assert web_workers(tmp_path) == [(3, os.getpid())]


def test_a_worker_without_a_file_keeps_its_own_environment(tmp_path):
    os.environ |= {PATH_NAME: str(tmp_path / "missing"), "OF_BEFORE": "1"}

    take_up_environment()()

    assert os.environ["OF_BEFORE"] == "1"


def test_workers_that_have_gone_are_forgotten(tmp_path):
    mark(tmp_path, 1, os.getpid())
    mark(tmp_path, 1, GONE)

    assert web_workers(tmp_path) == [(1, os.getpid())]
    assert not (tmp_path / MARKS / f"1-{GONE}").exists()
    assert is_alive(os.getpid()) and is_alive(1) and not is_alive(GONE)


@pytest.mark.slow
def test_a_reload_waits_for_all_workers_of_its_generation(tmp_path, monkeypatch):
    monkeypatch.setattr(reloading, "WEB_SECONDS", 0.2)
    mark(tmp_path, 2, os.getpid())

    assert wait_for_web(tmp_path, 2, 1, lambda: False)
    assert not wait_for_web(tmp_path, 2, 2, lambda: False)  # one is missing
    assert not wait_for_web(tmp_path, 2, 1, lambda: True)  # given up
    mark(tmp_path, 1, os.getppid())
    assert not wait_for_web(tmp_path, 2, 1, lambda: False)  # an old one still serves


def test_what_was_passed_on_is_forgotten_at_the_end(tmp_path):
    pass_on(tmp_path, {"KEY": "secret"}, 1)
    mark(tmp_path, 1, os.getpid())

    forget(tmp_path)

    assert not (tmp_path / ENVIRONMENT).exists() and web_workers(tmp_path) == []


def test_reports_are_numbered(tmp_path):
    report(tmp_path, succeeded=True, text="Reloaded.")
    report(tmp_path, succeeded=False, text="It does not start.")

    assert read(tmp_path / REPORT) == {"number": 2, "succeeded": False, "text": "It does not start."}


def test_where_nothing_runs_there_is_nothing_to_reload(tmp_path):
    with pytest.raises(SystemExit, match="Nothing runs with"):
        ask_to_reload(tmp_path)

    assert not (tmp_path / REPORT).exists()
