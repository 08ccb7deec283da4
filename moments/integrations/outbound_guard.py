"""Checks before external calls: no open transaction, and no unencrypted connection."""

from urllib.parse import urlsplit

from django.db import transaction

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def refuse_inside_a_transaction() -> None:
    """Raise ``RuntimeError`` inside a transaction. Uses a durable block, which does not contact the server.

    A transaction would hold its locks during the call, and a rollback could not undo the call.
    """
    with transaction.atomic(durable=True):
        pass


def is_safe(url: str) -> bool:
    """Return whether the URL uses HTTPS, or HTTP on this machine."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))
