"""Whatever leaves the machine asks here first: never inside a transaction."""

from django.db import transaction


def refuse_inside_a_transaction() -> None:
    """A durable block may not be nested (the one that a test is wrapped in does not count); it asks the server nothing.

    Held over a call that takes seconds, a transaction holds its locks as long; and what is rolled back afterwards has
    been said already. ``RuntimeError`` where there is one.
    """
    with transaction.atomic(durable=True):
        pass
