"""Circuit breakers: a dependency that failed is not called for a while, so that callers do not wait for it."""

import logging
import threading
import time

logger = logging.getLogger(__name__)


class CircuitBreaker:
    """Opens for ``cooldown`` seconds after ``failure_threshold`` consecutive failures, then after every further one.

    Use one per dependency and process; it is shared by threads. Call ``close`` after a response. With a ``name``, it
    logs once when the dependency goes down and once when it is back.
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
        """Return True for the one thread that detects the change."""
        with self._changing:
            has_changed = self._is_logged_gone != gone
            self._is_logged_gone = gone
        return has_changed
