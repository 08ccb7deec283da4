"""Allowed hosts including ports. Django compares names only."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
DEFAULT_PORTS = {"http": "80", "https": "443"}


def split(host: str) -> tuple[str, str]:
    """Return name and port; the port is empty if there is none."""
    name, _bracket, rest = host.lower().partition("]")
    if _bracket:
        return f"{name}]", rest.removeprefix(":")
    name, _colon, port = name.partition(":")
    return name.removesuffix("."), port


def is_loopback(base_url: str) -> bool:
    return split(urlsplit(base_url).netloc)[0] in LOOPBACK


def exact_hosts(base_url: str, more: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return (name, port) of the base URL and of ``more``; the default port is that of the base URL's scheme."""
    parts = urlsplit(base_url)
    port = DEFAULT_PORTS.get(parts.scheme, "80")
    found = set()
    for host in [parts.netloc, *more]:
        if "*" in host or host.startswith(".") or "/" in host:
            raise ImproperlyConfigured(f"MOMENTS_ALLOWED_HOSTS has {host!r}; it takes hosts, such as a.example:8443.")
        name, given = split(host)
        found.add((name, given or port))
    return frozenset(found)


def netloc(base_url: str) -> str:
    return urlsplit(base_url).netloc


def names(hosts: Iterable[tuple[str, str]], *, and_loopback: bool) -> list[str]:
    return sorted({name for name, _port in hosts} | set(LOOPBACK if and_loopback else []))


def is_ours(request: HttpRequest) -> bool:
    """Return whether the request names an allowed host and port."""
    from django.conf import settings  # noqa: PLC0415 - settings import this module

    name, port = split(request.META.get("HTTP_HOST") or f"{request.META['SERVER_NAME']}:{request.META['SERVER_PORT']}")
    if settings.ANY_PORT_ON_LOOPBACK and name in LOOPBACK:
        return True
    ports = {known for host, known in settings.HOSTS if host == name}
    return port in ports or (not port and bool(ports & set(DEFAULT_PORTS.values())))
