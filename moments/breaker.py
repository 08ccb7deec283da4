"""Circuit breakers: what has just failed to answer is left alone for a moment; not every caller has to wait for it."""

import time


class Breaker:
    """Open for ``rest`` seconds after ``after`` failures in a row, and then after each further one.

    One for each dependency and process; threads share it. ``close`` it when an answer came.
    """

    def __init__(self, rest: float, *, after: int = 1) -> None:
        self.rest, self.after = rest, after
        self.failures = 0
        self._open_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self._open_until

    def close(self) -> None:
        self.failures, self._open_until = 0, 0.0

    def trip(self) -> None:
        self.failures += 1
        if self.failures >= self.after:
            self._open_until = time.monotonic() + self.rest
