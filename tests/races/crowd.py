"""Many at once: threads with a connection each, released together."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def rush(count: int, act: Callable[[int], object]) -> list:
    """What ``act(number)`` returned, or the exception it raised, for ``count`` callers that start together."""
    gate = threading.Barrier(count)

    def one(number: int) -> object:
        try:
            connection.ensure_connection()
            gate.wait(30)
            return act(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
