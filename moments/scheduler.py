"""When beat asks for what. It is kept in memory alone: a file may remember times that a wrong clock wrote."""

import datetime as dt
from typing import Any

from celery import beat

from moments.devserver.ready_marks import mark_ready
from moments.integrations.task_dispatch import send
from moments.local_runs import LocalRuns

LONG_AGO = dt.timedelta(days=1)
SLACK = dt.timedelta(seconds=1)


class Scheduler(beat.Scheduler):
    """Asks for everything at its start, for nobody knows when it was last asked for; every task may run twice.

    A clock that was ahead and was put right does not silence it: what was last asked for in the future is due.

    While the broker does not answer, it runs the whole schedule itself: mail goes out, rewards expire, campaigns are
    braked, operators hear of alarms.
    """

    producer: Any = None  # Celery's own waits for a broker that is gone; ``send`` does not

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.local_runs = LocalRuns()
        self.is_ready = False  # until it has asked for everything once
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
            self._heap = None  # it is made of the times of before
        seconds = super().tick(*args, **kwargs)
        if not self.is_ready:
            self.is_ready = True
            mark_ready("beat")
        return seconds
