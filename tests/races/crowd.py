"""Many at once: threads with a connection each, released together."""

from collections.abc import Callable

from django.db import connection

from tests.harness.crowd import together


def rush(count: int, act: Callable[[int], object]) -> list:
    """What ``act(number)`` returned, or the exception it raised, for ``count`` callers that start together."""

    def one(number: int) -> object:
        try:
            return act(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    return together(count, one, before=connection.ensure_connection)
