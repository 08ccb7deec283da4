"""PostgreSQL and Redis for the tests: the same binaries and code that `make run` uses, in a folder of their own.

A pytest plugin, so that they stand before Django reads its settings.
"""

import atexit
import contextlib
import gc
import importlib
import os
import pathlib
import shutil
import sys
import tempfile

import pytest

from moments.devserver.embedded import Postgres, Redis
from moments.i18n.message_catalogs import compile_changed

ROOT = pathlib.Path(__file__).resolve().parent.parent
_children: list = []


def start() -> None:
    """Point the environment at servers for this run. Started once, by pytest's first process; its workers inherit."""
    if os.environ.get("MOMENTS_TEST_SERVERS"):
        return
    keep_bytecode()
    compile_changed()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="moments-tests-"))
    folder.chmod(0o755)
    (folder / "static").mkdir()
    postgres = Postgres(folder, {"fsync": "off", "full_page_writes": "off", "max_connections": "400"})
    redis = Redis(folder, durable=False)
    _children.extend([postgres.start(), redis.start()])
    os.environ.update(
        DATABASE_URL=postgres.url,
        DATABASE_OWNER_URL=postgres.owner_url,
        REDIS_URL=redis.url,
        MOMENTS_DATA_DIR=str(folder),
        MOMENTS_TEST_SERVERS=str(os.getpid()),
        MOMENTS_DEMO="0",
        MOMENTS_BASE_URL="http://testserver",
        SMTP_URL="",
    )
    atexit.register(stop, folder)


def keep_bytecode() -> None:
    """What one process of the run has compiled, the others read, also where Python is set to write none."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def stop(folder: pathlib.Path) -> None:
    for child in reversed(_children):
        child.end()
    shutil.rmtree(folder, ignore_errors=True)


def import_in_turn(config) -> None:
    """pytest rewrites each file of tests, which takes longest. Each worker begins elsewhere, then reads what the others
    have written. Whatever cannot be imported, the collection reports."""
    about = getattr(config, "workerinput", {"workerid": "gw0", "workercount": 1})
    ignored = tuple(config.getoption("ignore") or ())
    files = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py"))
    names = [".".join(path.with_suffix("").parts) for path in files if not str(path).startswith(ignored)]
    first = int(about["workerid"].removeprefix("gw")) * len(names) // about["workercount"]
    with contextlib.suppress(Exception):
        for name in names[first:] + names[:first]:
            importlib.import_module(name)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """What is collected stays to the end, so nobody looks through it for what may go."""
    gc.disable()
    try:
        if session.config.args_source is pytest.Config.ArgsSource.TESTPATHS:
            import_in_turn(session.config)
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


start()
