"""Conversions of ``REDIS_URL`` to the formats of its users."""

from urllib.parse import parse_qs, urlsplit

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def broker_url(url: str) -> str:
    """Return the URL for Celery: ``unix:///run/redis.sock?db=1`` becomes
    ``redis+socket:///run/redis.sock?virtual_host=1``.
    """
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def storage_url(url: str) -> str:
    """Return the URL for the rate limiter (``limits``): ``redis+unix://…``."""
    return "redis+" + url if url.startswith("unix:") else url


def is_open_to_others(url: str) -> bool:
    """Return whether Redis is reached over a network without a password."""
    parts = urlsplit(url)
    has_password = bool(parts.password or parse_qs(parts.query).get("password"))
    return parts.scheme != "unix" and parts.hostname not in LOOPBACK and not has_password
