"""Client addresses, read the same way for limits, allowlists, sign-in and claims."""

import contextlib
import ipaddress
import re
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"  # shared by all clients without a valid address behind our proxies
NOWHERE = "0.0.0.0"  # noqa: S104 - for libraries that require an address
WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d*)?|([^:]*):\d*")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def read_address(text: str) -> Address | None:
    """Parse ``203.0.113.7``, ``203.0.113.7:51413``, ``[2001:db8::1]:443`` or ``fe80::1%eth0``; None if invalid."""
    text = text.strip().strip('"').strip()
    if found := WITH_PORT.fullmatch(text):
        text = found[1] or found[2] or ""
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def client_address(request: HttpRequest) -> str:
    """Return the peer's address; ``X-Forwarded-For`` is considered only from ``TRUSTED_PROXIES``.

    Returns ``unknown`` if such a proxy passes on an invalid address, and an empty string if the peer has none.
    """
    address = read_address(request.META.get("REMOTE_ADDR", ""))
    found = str(address) if address else ""
    forwarded = [part for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    while forwarded and is_within(found, settings.TRUSTED_PROXIES):
        address = read_address(forwarded.pop())
        found = str(address) if address else UNKNOWN
    return found


def address_or_zeros(request: HttpRequest) -> str:
    """Return the client address, or 0.0.0.0 for libraries that require a valid one."""
    found = client_address(request)
    return found if read_address(found) else NOWHERE


def comes_from_proxy(request: HttpRequest) -> bool:
    return is_within(request.META.get("REMOTE_ADDR", ""), settings.TRUSTED_PROXIES)


def is_within(text: str, networks: Iterable[str]) -> bool:
    address = read_address(text)
    return address is not None and any(address in network for network in read_networks(networks))


def read_networks(texts: Iterable[str]) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Yield the valid networks; others are ignored."""
    for text in texts:
        with contextlib.suppress(ValueError):
            yield ipaddress.ip_network(text, strict=False)
