"""Conversion of RSGI requests to a WSGI environ."""

import sys
from collections.abc import Callable, Iterable
from typing import IO, Any

from moments.web.client_addresses import read_address, read_networks

BASE = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Moments",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


def peer_of(scope: Any) -> str:
    """Return the peer's address without its port."""
    return scope.client.rpartition(":")[0].strip("[]")


def environ_of(scope: Any, headers: list[tuple[str, str]], body: IO[bytes]) -> dict:
    """Return the WSGI environ. Headers with underscores are dropped, since they would look like those with dashes."""
    host, _colon, port = scope.server.rpartition(":")
    environ = BASE | {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": "HTTP/1.0" if scope.http_version == "1" else f"HTTP/{scope.http_version}",
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "REMOTE_ADDR": peer_of(scope),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
    }
    for name, value in headers:
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
    return environ


def among(networks: Iterable[str]) -> Callable[[str], bool]:
    """Return a function that checks whether an address is in one of ``networks``. Invalid networks are ignored."""
    found = list(read_networks(networks))

    def is_among(text: str) -> bool:
        address = read_address(text)
        return address is not None and any(address in network for network in found)

    return is_among
