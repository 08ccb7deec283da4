"""Leaves a provider alone that does not answer. In the memory of one process: nothing depends on it but patience."""

import datetime as dt

OPENS_AFTER = 5
OPEN_FOR = dt.timedelta(seconds=30)


class Breaker:
    """Open after some calls in a row without an answer; afterwards each further one opens it again at once."""

    def __init__(self) -> None:
        self.unanswered = 0
        self.open_until: dt.datetime | None = None

    def is_open(self, *, now: dt.datetime) -> bool:
        return self.open_until is not None and now < self.open_until

    def note_answer(self) -> None:
        self.unanswered, self.open_until = 0, None

    def note_silence(self, *, now: dt.datetime) -> None:
        self.unanswered += 1
        if self.unanswered >= OPENS_AFTER:
            self.open_until = now + OPEN_FOR


breakers: dict[str, Breaker] = {}


def breaker_of(provider: str) -> Breaker:
    return breakers.setdefault(provider, Breaker())
