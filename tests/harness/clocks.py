"""How long something takes, on a machine that may be busy with something else just then."""

import time
from collections.abc import Callable


def seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def fastest(act: Callable[[], object], *, below: float, tries: int = 3) -> float:
    """Seconds of the first try below ``below``, else of the fastest: a stall of the machine does not hit every try."""
    taken = []
    for _try in range(tries):
        taken.append(seconds(act))
        if taken[-1] < below:
            break
    return min(taken)
