"""Scheduled tasks run by the scheduler itself while the broker is down."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, connection

from moments.celery import app
from moments.db.deadlines import TASK, within_deadline

logger = logging.getLogger(__name__)

THREADS = 4  # as many as in a worker


class LocalRuns:
    """A small thread pool. A task is not started again while its previous run is queued or running."""

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
        """Drop tasks that have not started; the next sweep does their work."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def run_alone(name: str) -> bool:
    """Run a task in this process unless another scheduler runs it. Returns False if it did not complete.

    A worker may run the same task at the same time, which is harmless because every task claims its rows. The lock only
    avoids duplicate work.
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
    """Return True for one database session at a time; the lock is released with the session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"scheduled task {name}"])
        (is_mine,) = cursor.fetchone()
    return is_mine
