"""Circuit breakers: what has just failed to answer is left alone for a moment; not every caller has to wait for it."""

import logging
import threading
import time

logger = logging.getLogger(__name__)


class CircuitBreaker:
    """Open for ``cooldown`` seconds after ``failure_threshold`` failures in a row, and then after each further one.

    One for each dependency and process; threads share it. ``close`` it when an answer came. One with a ``name`` logs
    that the dependency is gone and that it is back: one line for each change, however many callers notice.
    """

    def __init__(self, cooldown: float, *, failure_threshold: int = 1, name: str = "", meanwhile: str = "") -> None:
        self.cooldown, self.failure_threshold, self.name, self.meanwhile = cooldown, failure_threshold, name, meanwhile
        self.failures = 0
        self._open_until = 0.0
        self._is_logged_gone = False
        self._changing = threading.Lock()

    def is_open(self) -> bool:
        return time.monotonic() < self._open_until

    def close(self) -> None:
        self.failures, self._open_until = 0, 0.0
        if self._is_logged_gone and self._turns(gone=False):
            logger.warning("%s answers again.", self.name)

    def trip(self, error: object = "") -> None:
        self.failures += 1
        if self.failures < self.failure_threshold:
            return
        self._open_until = time.monotonic() + self.cooldown
        if self.name and self._turns(gone=True):
            logger.warning("%s does not answer (%s). %s", self.name, error, self.meanwhile)

    def _turns(self, *, gone: bool) -> bool:
        """True for the one thread that notices the change."""
        with self._changing:
            has_changed = self._is_logged_gone != gone
            self._is_logged_gone = gone
        return has_changed
