"""localstripe on a port of this machine's loopback alone, forgetting all when it ends.

``python -m tests.harness.stripe_server PORT``. It knows ``off_session`` of an intent that is created, not of one that
is confirmed, as Stripe does: that word is taken off before it reads the call.
"""

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from tests.stack import ROOT, free_port


def serve(port: int) -> None:
    from aiohttp import web
    from localstripe import resources

    confirm = resources.PaymentIntent._api_confirm

    def confirm_off_session(id, off_session=None, **data):
        return confirm(id, **data)

    apis = resources.extra_apis
    apis[:] = [(how, path, confirm_off_session if act == confirm else act) for how, path, act in apis]
    resources.Store.dump_to_disk = lambda _self: None

    from localstripe.server import app

    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


@contextlib.contextmanager
def stripe_server() -> Iterator[dict[str, str]]:
    """Yields the settings, by the names of their variables, under which Moments talks to it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.harness.stripe_server", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"{url}/js.stripe.com/v3/", process)
        yield {
            "STRIPE_SECRET_KEY": "sk_test_moments",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_moments",
            "STRIPE_API_BASE": url,
            "STRIPE_JS": f"{url}/js.stripe.com/v3/",
        }
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(url: str, process: subprocess.Popen) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
