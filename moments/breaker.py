"""Circuit breakers: what has just failed to answer is left alone for a moment; not every caller has to wait for it."""

import time


class Breaker:
    """Open for ``rest`` seconds after every trip. One for each dependency and process; threads share it."""

    def __init__(self, rest: float) -> None:
        self.rest = rest
        self._open_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self._open_until

    def close(self) -> None:
        self._open_until = 0.0

    def trip(self) -> None:
        self._open_until = time.monotonic() + self.rest
