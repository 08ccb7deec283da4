"""PostgreSQL and Redis for the tests: the same binaries and code that `make run` uses, in a folder of their own.

A pytest plugin, so that they stand before Django reads its settings.
"""

import atexit
import gc
import os
import pathlib
import shutil
import tempfile

import pytest

from moments.devserver.embedded import Postgres, Redis
from moments.i18n.message_catalogs import compile_changed

_children: list = []


def start() -> None:
    """Point the environment at servers for this run. Started once, by pytest's first process; its workers inherit."""
    if os.environ.get("MOMENTS_TEST_SERVERS"):
        return
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


def stop(folder: pathlib.Path) -> None:
    for child in reversed(_children):
        child.end()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is collected stays to the end, so nobody looks through it for what may go."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


start()
