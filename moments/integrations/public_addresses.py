"""Connections to servers that a customer named: to public addresses only, checked on the address that is connected to.

A check before a second resolution would be none, because the name may resolve to another address then. Python's
``is_private`` and ``is_global`` each miss some ranges, so all of them are listed.
"""

import ipaddress
import socket
from typing import Any

from django.conf import settings
from urllib3.exceptions import NameResolutionError, NewConnectionError

from moments.integrations.deadline_connections import WatchedHttp, WatchedHttps

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NOT_PUBLIC_4 = [
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# Within global unicast; 2001::/23 includes Teredo, ORCHID and benchmarking, 2002::/16 is 6to4.
NOT_PUBLIC_6 = [
    ipaddress.ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]


class NotPublic(OSError):
    """Raised before the connection if a name resolves to an address that is not public."""


def is_public(address: str) -> bool:
    """Return whether a literal address, without brackets, is a public unicast one.

    Addresses that contain an IPv4 address (mapped, NAT64, 6to4, Teredo) are not.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in NOT_PUBLIC_4)
    return found in GLOBAL_UNICAST and not any(found in network for network in NOT_PUBLIC_6) and not found.scope_id


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def may_connect(address: str) -> bool:
    return is_public(address) or (settings.WEBHOOK_LOOPBACK and is_loopback(address))


def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses of ``host``. Raises ``NotPublic`` if one of them may not be connected to."""
    found = list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    if not all(map(may_connect, found)):
        raise NotPublic(f"{host} is not a public address.")
    return found


class Vetted(WatchedHttp):
    """Connects to an address that was checked, not to the name."""

    def _connect(self) -> socket.socket:
        error: OSError | None = None
        for address in addresses_of(self._dns_host, self.port):
            try:
                return socket.create_connection((address, self.port), self.timeout)
            except OSError as failed:
                error = failed
        raise error or OSError("The name has no address.")

    def _new_conn(self) -> socket.socket:
        try:
            sock = self._connect()
        except NotPublic:
            raise
        except socket.gaierror as failed:
            raise NameResolutionError(self.host, self, failed) from failed
        except OSError as failed:
            raise NewConnectionError(self, f"No connection: {type(failed).__name__}.") from failed
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.watch_new(sock)
        return sock


class VettedHttp(Vetted):
    pass


class VettedHttps(Vetted, WatchedHttps):
    pass


def connection_to(scheme: str, host: str, port: int, **options: Any) -> Vetted:
    """Return a connection that is not established yet."""
    return (VettedHttps if scheme == "https" else VettedHttp)(host, port, **options)
