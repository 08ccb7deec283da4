"""Many at once, released together."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def together(count: int, act: Callable[[int], T], *, before: Callable[[], object] = lambda: None) -> list[T]:
    """What ``act(number)`` returned for ``count`` callers that start at the same moment, each after its ``before()``.

    What one raises is raised.
    """
    gate = threading.Barrier(count)

    def one(number: int) -> T:
        before()
        gate.wait(60)
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
