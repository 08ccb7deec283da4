"""Persistent threads. Each keeps its PostgreSQL connection, so their number limits both."""

import asyncio
import collections
import contextvars
import queue
import threading
from collections.abc import Callable

from moments.security.log_redaction import logger

SWEEP = 0.05  # seconds


class TooBusy(Exception):
    """Raised if no thread was free in time. The job was not started."""


class Job:
    def __init__(self, act: Callable[[], None], done: asyncio.Future, until: float) -> None:
        self.act, self.done, self.until = act, done, until
        self.ticket = [True]  # popped by the thread that runs the job, or by the sweep that refuses it

    def is_mine(self) -> bool:
        try:
            return self.ticket.pop()
        except IndexError:
            return False

    def work(self) -> None:
        try:
            contextvars.Context().run(self.act)  # a fresh context, without data of earlier requests
        except Exception:
            logger.exception("A request failed outside of Django")


class Pool:
    """A pool of ``count`` threads that process jobs in order of arrival.

    The event loop is not woken for each finished job, because the thread has already sent the response; a periodic
    sweep suffices.
    """

    def __init__(self, name: str, count: int, *, patience: float) -> None:
        self.patience = patience  # seconds until a waiting job is refused
        self.queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.waiting: collections.deque[Job] = collections.deque()
        self.finished: collections.deque[Job] = collections.deque()
        self.outstanding = 0
        self.timer: asyncio.TimerHandle | None = None
        self.threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True) for number in range(count)
        ]
        for thread in self.threads:
            thread.start()

    async def run(self, act: Callable[[], None]) -> None:
        """Wait until a thread has run ``act``, whose exceptions are logged. Raises ``TooBusy`` if no thread was free in
        time.
        """
        loop = asyncio.get_running_loop()
        job = Job(act, loop.create_future(), loop.time() + self.patience)
        self._settle(loop.time())
        self.outstanding += 1
        self.waiting.append(job)
        self.queue.put(job)
        if self.timer is None:
            self.timer = loop.call_later(SWEEP, self._sweep, loop)
        await job.done

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        self._settle(loop.time())
        self.timer = loop.call_later(SWEEP, self._sweep, loop) if self.outstanding else None

    def _settle(self, now: float) -> None:
        """Complete finished jobs and refuse those that waited too long. Runs on the loop."""
        while self.finished:
            self._end(self.finished.popleft(), None)
        while self.waiting and (not self.waiting[0].ticket or self.waiting[0].until < now):
            job = self.waiting.popleft()
            if job.is_mine():
                self._end(job, TooBusy())

    def _end(self, job: Job, error: Exception | None) -> None:
        self.outstanding -= 1
        if job.done.done():
            return
        if error:
            job.done.set_exception(error)
        else:
            job.done.set_result(None)

    def _work(self) -> None:
        while (job := self.queue.get()) is not None:
            if job.is_mine():
                job.work()
                self.finished.append(job)

    def end(self, grace: float) -> None:
        """Stop accepting jobs and let running ones finish."""
        for _thread in self.threads:
            self.queue.put(None)
        for thread in self.threads:
            thread.join(grace)
