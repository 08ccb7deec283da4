"""localstripe on a port of this machine's loopback alone, forgetting all when it ends.

``python -m tests.harness.stripe_server PORT``. It knows ``off_session`` of an intent that is created, not of one that
is confirmed, as Stripe does: that word is taken off before it reads the call. Nor does it know how a browser pays an
intent with a card that is typed in, or that a card is set up for customers that exist: it is taught.
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

PAY_JS = """
{
  const plain = Stripe;
  Stripe = (key) => {
    const stripe = plain(key), authenticate = stripe.confirmCardPayment;
    stripe.confirmCardPayment = async (secret, data) => {
      const [, id] = secret.match(/^(pi_\\w+)_secret_/);
      const {card} = data.payment_method.card.value ?? {card: {}};
      const payment_method_data = {type: "card", card};
      const url = `${LOCALSTRIPE_BASE_API}/v1/payment_intents/${id}/_authenticate/pay`;
      const body = JSON.stringify({key, client_secret: secret, payment_method_data});
      const found = await (await fetch(url, {method: "POST", body})).json();
      if (found.status === "requires_action") return authenticate(secret);
      return found.error ? {error: found.error} : {paymentIntent: found};
    };
    return stripe;
  };
}
"""


def serve(port: int) -> None:
    from aiohttp import web
    from localstripe import errors, resources

    confirm, set_up = resources.PaymentIntent._api_confirm, resources.SetupIntent.__init__

    def set_up_for_somebody_known(self, customer=None, **data):
        if customer is not None:
            resources.Customer._api_retrieve(customer)
        set_up(self, customer=customer, **data)

    def confirm_off_session(id, off_session=None, **data):
        return confirm(id, **data)

    def pay(id, client_secret=None, payment_method_data=None):
        intent = resources.PaymentIntent._api_retrieve(id)
        if client_secret != intent.client_secret:
            raise errors.UserError(401, "Unauthorized")
        method = resources.PaymentMethod(**payment_method_data)
        if method._attaching_is_declined():
            raise errors.UserError(402, "Your card was declined.", {"code": "card_declined"})
        if intent.status not in {"requires_payment_method", "requires_confirmation"}:
            raise errors.UserError(400, "This payment cannot be paid any more.")
        intent.payment_method, intent.latest_charge = method.id, None
        return confirm(id)

    apis = resources.extra_apis
    apis[:] = [(how, path, confirm_off_session if act == confirm else act) for how, path, act in apis]
    apis.append(("POST", "/v1/payment_intents/{id}/_authenticate/pay", pay))
    resources.SetupIntent.__init__ = set_up_for_somebody_known
    resources.Store.dump_to_disk = lambda _self: None

    from localstripe.server import app

    @web.middleware
    async def teach_the_browser(request, handler):
        answer = await handler(request)
        if request.path.startswith("/js.stripe.com/"):
            answer.text += PAY_JS
        return answer

    app.middlewares.append(teach_the_browser)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


@contextlib.contextmanager
def stripe_server() -> Iterator[dict[str, str]]:
    """Yields the settings, by the names of their variables, under which Moments talks to it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.harness.stripe_server", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"{url}/js.stripe.com/v3/", process)
        yield {
            "STRIPE_SECRET_KEY": "sk_test_moments",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_moments",
            "STRIPE_API_BASE": url,
            "STRIPE_JS": f"{url}/js.stripe.com/v3/",
        }
    finally:
        process.terminate()
        process.wait(10)


def wait_for(url: str, process: subprocess.Popen) -> None:
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
