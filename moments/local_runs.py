"""Scheduled tasks while no broker answers: the scheduler runs them in its own process."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, connection

from moments.celery import app
from moments.db.deadlines import TASK, within_deadline

logger = logging.getLogger(__name__)

THREADS = 4  # as many as a worker has


class LocalRuns:
    """A small pool of threads. A task that is still running or waiting from the last time is not started again."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="local-run")
        self._begun: set[str] = set()
        self._lock = threading.Lock()

    def begin(self, name: str) -> bool:
        with self._lock:
            if name in self._begun:
                return False
            self._begun.add(name)
        self._pool.submit(self._run, name)
        return True

    def _run(self, name: str) -> None:
        try:
            run_alone(name)
        finally:
            with self._lock:
                self._begun.discard(name)

    def close(self) -> None:
        """What has not begun is dropped: the next sweep does it."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def run_alone(name: str) -> bool:
    """Run a task here, unless another scheduler is running it just now. False where it did not run to its end.

    A worker that comes back meanwhile may still run the same task beside this one. That does no harm: every task claims
    its rows and may run twice at once. The lock only saves work.
    """
    try:
        with within_deadline(TASK):
            is_mine = _is_only_one(name)
            if is_mine:
                app.tasks[name].apply(throw=True)
            return is_mine
    except DatabaseError as error:
        logger.warning("%s did not run: %s", name, error)
    except Exception:
        logger.exception("%s failed.", name)
    finally:
        connection.close()
    return False


def _is_only_one(name: str) -> bool:
    """True for one session of the database at a time; the lock ends with the session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"scheduled task {name}"])
        (is_mine,) = cursor.fetchone()
    return is_mine
