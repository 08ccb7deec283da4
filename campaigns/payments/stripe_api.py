"""The calls to Stripe: a customer, a card that is set up, a payment that is made, and what each may answer.

A payment is made in two steps, so that its number is ours before it costs anything: create the intent, then confirm it.
Whoever does not know how a confirmation ended asks for the intent by its number; nothing is ever confirmed twice.
"""

import logging
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from moments.errors import RuleViolation
from moments.outside import is_safe, refuse_inside_a_transaction

# Stripe's library takes a third of a second to read, so each process reads it when it first calls.
if TYPE_CHECKING:
    import stripe

logger = logging.getLogger(__name__)
SECONDS = 15
# What a page with Stripe's own field for a card may load beside our own.
PAGE_POLICY = {
    "script-src": [settings.STRIPE_JS],
    "frame-src": ["https://js.stripe.com", "https://hooks.stripe.com"],
    "connect-src": [settings.STRIPE_API_BASE],
}
NOT_NOW = "payments_unavailable"
# The smallest payments that are asked for, in minor units: Stripe refuses less than what it names for a currency, and
# less than half a dollar's worth of one that it converts, which is the larger for most; that with room for the rate to
# move. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts; our account is taken to be in dollars.
SMALLEST = {
    "USD": 50,
    "AUD": 85,
    "BRL": 350,
    "CAD": 80,
    "CNY": 400,
    "EUR": 50,
    "GBP": 45,
    "INR": 5000,
    "JPY": 90,
    "MXN": 1100,
}
FAILED = {"failed", "canceled"}  # of a refund: the money is not on its way


class Unanswered(Exception):  # noqa: N818 - an outcome, not a fault of ours
    """Nobody knows what came of it: a timeout, a dropped connection, a 5xx, too many calls, a key that is not taken."""


class Refused(Exception):  # noqa: N818
    """A definite no, with words for people."""


class NotTaken(Refused):
    """A no to the call itself, not to a card: its words are for whoever runs this."""


@dataclass(frozen=True)
class Card:
    """A card that may be charged while its owner is away."""

    method_id: str
    brand: str
    last4: str
    expires: str  # 2029-04


@dataclass(frozen=True)
class Intent:
    """``status`` as Stripe names it; ``why`` for one that failed; ``secret`` is for its payer's browser alone."""

    id: str
    status: str
    amount_cents: int
    why: str = ""
    currency: str = "USD"
    secret: str = field(default="", repr=False)


def is_set_up() -> bool:
    return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_PUBLISHABLE_KEY)


def smallest_payment(currency: str) -> int:
    return SMALLEST.get(currency, 1)


class told_kindly:  # noqa: N801 - read as a phrase
    """Stripe's outcomes as refusals that people read."""

    def __enter__(self) -> None:
        if not is_set_up():
            raise RuleViolation(NOT_NOW, _("This installation takes no cards."))

    def __exit__(self, kind, error, _trace) -> None:
        if isinstance(error, Unanswered):
            raise RuleViolation(NOT_NOW, _("Our payment provider does not answer. Try again in a minute.")) from None
        if isinstance(error, NotTaken):
            logger.warning("Stripe does not take a call: %s", error)
            raise RuleViolation(NOT_NOW, _("Our payment provider did not take this. Try again later.")) from None
        if isinstance(error, Refused):
            raise RuleViolation("card_refused", str(error)) from None


@lru_cache(maxsize=2)
def _client(key: str, base: str) -> "stripe.StripeClient":
    import stripe

    if not is_safe(base):
        raise Refused(_("STRIPE_API_BASE must be an https address."))
    client = stripe.RequestsClient(timeout=SECONDS)
    addresses: stripe._base_address.BaseAddresses = {"api": base}
    return stripe.StripeClient(key, base_addresses=addresses, http_client=client, max_network_retries=0)


def _call(act):
    """``act(client)``, with its errors in two kinds."""
    import stripe

    refuse_inside_a_transaction()
    if not settings.STRIPE_SECRET_KEY:
        raise Refused(_("This installation takes no cards."))
    try:
        return act(_client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE))
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise Unanswered(type(error).__name__) from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:  # our key is at fault, and nobody's card
        raise Unanswered(type(error).__name__) from None
    except stripe.CardError as error:
        raise Refused(error.user_message or type(error).__name__) from None
    except stripe.StripeError as error:
        if (error.http_status or 0) >= 500:
            raise Unanswered(type(error).__name__) from None
        raise NotTaken(error.user_message or type(error).__name__) from None


def create_customer(*, organization_id: int, name: str, email: str) -> str:
    """Its id."""
    params = {"name": name, "email": email, "metadata": {"organization": str(organization_id)}}
    return _call(lambda client: client.v1.customers.create(params)).id


def begin_setup(customer_id: str) -> tuple[str, str]:
    """(id, client secret) of a card to be set up in the browser."""
    params = {"customer": customer_id, "usage": "off_session", "payment_method_types": ["card"]}
    made = _call(lambda client: client.v1.setup_intents.create(params))
    return made.id, made.client_secret


def card_of_setup(setup_id: str, customer_id: str) -> Card:
    """What the browser has set up. ``Refused`` where it is not done, or somebody else's."""
    found = _call(lambda client: client.v1.setup_intents.retrieve(setup_id))
    if found.customer != customer_id or found.status != "succeeded" or not found.payment_method:
        raise Refused(_("The card was not set up. Try it again."))
    method = _call(lambda client: client.v1.payment_methods.retrieve(found.payment_method))
    if method.customer is None:
        _call(lambda client: client.v1.payment_methods.attach(method.id, {"customer": customer_id}))
    elif method.customer != customer_id:
        raise Refused(_("The card was not set up. Try it again."))
    card = method.card
    return Card(method.id, card.brand or "", card.last4 or "", f"{card.exp_year}-{card.exp_month:02}")


def create_intent(*, customer_id: str, method_id: str, amount_cents: int, reference: str) -> Intent:
    """Not yet confirmed: it costs nothing. Under ``reference`` there is one, however often it is asked for."""
    params = {
        "amount": amount_cents,
        "currency": "usd",
        "customer": customer_id,
        "payment_method": method_id,
        "payment_method_types": ["card"],
        "metadata": {"reference": reference},
    }
    return _create_intent(params, reference)


def begin_intent(*, amount_cents: int, currency: str, reference: str) -> Intent:
    """To be paid in the browser by whoever is given its secret. Until then it costs nothing."""
    params = {
        "amount": amount_cents,
        "currency": currency.lower(),
        "payment_method_types": ["card"],
        "metadata": {"reference": reference},
    }
    return _create_intent(params, reference)


def _create_intent(params: dict, reference: str) -> Intent:
    return _read(_call(lambda client: client.v1.payment_intents.create(params, {"idempotency_key": reference})))


def cancel(intent_id: str) -> Intent:
    """From now on it cannot be paid. ``Refused`` where it has been paid already."""
    return _read(_call(lambda client: client.v1.payment_intents.cancel(intent_id)))


def give_back(intent_id: str, *, reference: str) -> None:
    """All that was paid of it goes back, once: whoever does not know whether it did asks first.

    What went back already, in Stripe's own pages perhaps, is not given twice, and the rest is. After one that failed
    another is made, under a key of its own: the first would bring the same failure again.
    """
    given = _call(lambda client: client.v1.refunds.list({"payment_intent": intent_id, "limit": 100}))
    left = ask_for(intent_id).amount_cents - sum(each.amount for each in given.data if each.status not in FAILED)
    if left > 0:
        params = {"payment_intent": intent_id, "amount": left, "metadata": {"reference": reference}}
        key = f"{reference}-{len(given.data)}" if given.data else reference
        made = _call(lambda client: client.v1.refunds.create(params, {"idempotency_key": key}))
        if made.status in FAILED:
            raise Refused(made.failure_reason or made.status)


def ask_for(intent_id: str) -> Intent:
    return _read(_call(lambda client: client.v1.payment_intents.retrieve(intent_id)))


def confirm(intent_id: str) -> Intent:
    return _read(_call(lambda client: client.v1.payment_intents.confirm(intent_id, {"off_session": True})))


def _read(found: "stripe.PaymentIntent") -> Intent:
    error = found.last_payment_error
    why = (getattr(error, "message", "") or getattr(error, "code", "")) if error else ""
    return Intent(found.id, found.status, found.amount, why, found.currency.upper(), found.client_secret or "")
