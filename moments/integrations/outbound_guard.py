"""Whatever leaves the machine asks here first: never inside a transaction, never in the clear."""

from urllib.parse import urlsplit

from django.db import transaction

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def refuse_inside_a_transaction() -> None:
    """A durable block may not be nested (the one that a test is wrapped in does not count); it asks the server nothing.

    Held over a call that takes seconds, a transaction holds its locks as long; and what is rolled back afterward has
    been said already. ``RuntimeError`` where there is one.
    """
    with transaction.atomic(durable=True):
        pass


def is_safe(url: str) -> bool:
    """HTTPS; plain HTTP to this machine alone."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))
