"""Collects API calls and writes them to the log, after the answer and never in its way.

A web process has one thread that writes. What waits is bounded: if the database is slow, log lines are dropped, not
calls.
"""

import atexit
import logging
import queue
import threading
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, connection

from accounts.api_keys.authentication import Caller
from api.call_log.rows import CallRecord, write_calls
from moments.db.deadlines import TASK, within_deadline

logger = logging.getLogger(__name__)

MOST_WAITING = 2_000
BATCH = 200
PAUSE_SECONDS = 0.5
TOO_FAST_SECONDS = 10.0  # in which calls of a key that are too fast are counted in one line
CLOSE_SECONDS = 2.0  # for what waits when the process ends


@dataclass
class Recorder:
    """Keeps nothing until ``collect`` or ``start`` is called; commands and workers answer no calls."""

    waiting: queue.Queue[CallRecord] = field(default_factory=lambda: queue.Queue(MOST_WAITING))
    too_fast: dict[object, CallRecord] = field(default_factory=dict)  # by key: the first one, with their number
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_collecting: bool = False
    dropped: int = 0

    def collect(self) -> None:
        self.is_collecting = True

    def start(self) -> None:
        """Write in a thread of this process until it ends."""
        self.collect()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._write_for_ever, daemon=True, name="api-call-log")
        self.thread.start()
        atexit.register(self.close)

    def close(self) -> None:
        self.stopping.set()
        self.thread.join(CLOSE_SECONDS)

    def add(self, record: CallRecord, caller: Caller | None) -> None:
        """Take a call that was answered. Returns at once."""
        if not self.is_collecting:
            return
        if record.status == 429 and caller is not None:
            with self.lock:
                self.too_fast.setdefault(caller.key_id, record).repeats += 1
            return
        record.repeats = 1
        try:
            self.waiting.put_nowait(record)
        except queue.Full:
            self.dropped += 1

    def write_waiting(self) -> int:
        """Write what waits, whether or not it is due. Returns the number of rows."""
        done = 0
        while records := self._take(min_age=0):
            done += write_calls(records)
        return done

    def _take(self, *, min_age: float) -> list[CallRecord]:
        """``min_age`` in seconds is that of counts of calls that were too fast."""
        latest = time.monotonic() - min_age
        with self.lock:
            due = [key for key, first in self.too_fast.items() if first.answered <= latest]
            found = [self.too_fast.pop(key) for key in due]
        while len(found) < BATCH:
            try:
                found.append(self.waiting.get_nowait())
            except queue.Empty:
                break
        return found

    def _write_for_ever(self) -> None:
        while True:
            is_last = self.stopping.wait(PAUSE_SECONDS)
            while records := self._take(min_age=0 if is_last else TOO_FAST_SECONDS):
                self._write(records)
            if is_last:
                return

    def _write(self, records: list[CallRecord]) -> None:
        try:
            with within_deadline(TASK):
                write_calls(records)
        except DatabaseError as error:
            logger.warning("%d API calls were not logged: %s", len(records), error)
        except Exception:
            logger.exception("%d API calls were not logged.", len(records))
        finally:
            connection.close()
        if self.dropped:
            dropped, self.dropped = self.dropped, 0
            logger.warning("%d API calls were not logged, because more came than could be written.", dropped)


recorder = Recorder()
