"""An OpenID Connect provider on a port of this machine; anybody is who they say there."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from tests.harness.stripe_server import wait_for
from tests.stack import free_port

CLIENT_ID, SECRET, NAME = "moments", "openid-secret", "Example ID"


@dataclass(frozen=True)
class OpenId:
    url: str

    def knows(self, sub: str, **claims: object) -> str:
        """From now on it tells ``claims`` of ``sub``."""
        body = json.dumps(claims).encode()
        headers = {"Content-Type": "application/json"}
        call = urllib.request.Request(f"{self.url}/users/{quote(sub)}", body, headers, method="PUT")
        urllib.request.urlopen(call, timeout=5).close()
        return sub

    @property
    def settings(self) -> dict[str, str]:
        """By the names of their variables."""
        return {
            "MOMENTS_OIDC_ISSUER": self.url,
            "MOMENTS_OIDC_CLIENT_ID": CLIENT_ID,
            "MOMENTS_OIDC_SECRET": SECRET,
            "MOMENTS_OIDC_NAME": NAME,
        }


@contextlib.contextmanager
def openid_server() -> Iterator[OpenId]:
    """In a process of its own: it logs much, and its libraries warn of each other."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env={"PATH": os.environ["PATH"]}, **quiet)
    try:
        found = OpenId(f"http://localhost:{port}")
        wait_for(f"{found.url}/.well-known/openid-configuration", process)
        yield found
    finally:
        process.terminate()
        process.wait(10)
