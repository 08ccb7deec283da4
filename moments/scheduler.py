"""Celery beat scheduler that keeps its state in memory, because a file may contain times from a wrong clock."""

import datetime as dt
from typing import Any

from celery import beat

from moments.devserver.ready_marks import mark_ready
from moments.integrations.task_dispatch import send
from moments.local_runs import LocalRuns

LONG_AGO = dt.timedelta(days=1)
SLACK = dt.timedelta(seconds=1)


class Scheduler(beat.Scheduler):
    """Runs every entry at startup, since the previous runs are unknown and every task may run twice.

    Entries with a last run in the future, after a clock was corrected, are due at once.

    While the broker is down, it runs the schedule in its own process.
    """

    producer: Any = None  # Celery's producer would wait for a broker that is down

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.local_runs = LocalRuns()
        self.is_ready = False  # True once it has sent every task
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = self.app.now() - LONG_AGO

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        if not send(entry.task):
            self.local_runs.begin(entry.task)

    def close(self) -> None:
        self.local_runs.close()
        super().close()

    def tick(self, *args: Any, **kwargs: Any) -> float:
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if (entry.last_run_at or now) > now + SLACK]
        for entry in ahead:
            entry.last_run_at = now - LONG_AGO
        if ahead:
            self._heap = None  # it is based on the former times
        seconds = super().tick(*args, **kwargs)
        if not self.is_ready:
            self.is_ready = True
            mark_ready("beat")
        return seconds
