"""The calls to Stripe: a customer, a card that is set up, a payment that is made, and what each may answer.

A payment is made in two steps, so that its number is ours before it costs anything: create the intent, then confirm it.
Whoever does not know how a confirmation ended asks for the intent by its number; nothing is ever confirmed twice.
"""

import enum
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from moments.errors import NotResponding, RuleViolation
from moments.integrations.decline_messages import words_for
from moments.integrations.outbound_guard import is_safe, refuse_inside_a_transaction

# Stripe's library takes a third of a second to read, so each process reads it when it first calls.
if TYPE_CHECKING:
    import stripe

logger = logging.getLogger(__name__)
# What a page with Stripe's own field for a card may load beside our own.
PAGE_POLICY = {
    "script-src": [settings.STRIPE_JS],
    "frame-src": ["https://js.stripe.com", "https://hooks.stripe.com"],
    "connect-src": [settings.STRIPE_API_BASE],
}
NOT_NOW, NOT_KNOWN = "payments_unavailable", "payment_unknown"
LONGEST_ID = {"id": 64, "client_secret": 200}  # as kept here
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


class OutcomeUnknown(Exception):  # noqa: N818 - an outcome, not a fault of ours
    """Nobody knows what came of it: a timeout, a dropped connection, a 5xx, too many calls, a key that is not taken."""


class InvalidProviderResponse(OutcomeUnknown):
    """It said yes, and nothing that the yes could be read from: as good as no answer."""


class Declined(Exception):  # noqa: N818
    """A definite no, with words for people."""


class AmountTooSmall(Declined):
    """A no to the call itself, not to a card: its words are for whoever runs this."""


class NotKnown(AmountTooSmall):
    """It knows nothing under an id that is kept here: other keys were set, or it was deleted over there."""


@dataclass(frozen=True)
class Card:
    """A card that may be charged while its owner is away."""

    method_id: str
    brand: str
    last4: str
    expires: str  # 2029-04


class IntentStatus(enum.StrEnum):
    """Those that decide something here; Stripe has more."""

    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


# The payer has done their part, so nobody should pay again.
PAID_OR_BEING_PAID = {IntentStatus.PROCESSING, IntentStatus.SUCCEEDED}


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


class stripe_errors_as_refusals:  # noqa: N801 - read as a phrase
    """Stripe's outcomes as refusals that people read."""

    def __enter__(self) -> None:
        if not is_set_up():
            raise RuleViolation(NOT_NOW, _("This installation takes no cards."))

    def __exit__(self, kind: str, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OutcomeUnknown):
            message = _("Our payment provider is not responding. Try again in a minute.")
            raise NotResponding(NOT_NOW, message) from None
        if isinstance(error, NotKnown):
            logger.warning("Stripe does not know an id: %s", error)
            message = _("Our payment provider no longer knows this payment or card. Start again.")
            raise RuleViolation(NOT_KNOWN, message) from None
        if isinstance(error, AmountTooSmall):
            logger.warning("Stripe does not take a call: %s", error)
            raise RuleViolation(NOT_NOW, _("Our payment provider did not take this. Try again later.")) from None
        if isinstance(error, Declined):
            raise RuleViolation("card_refused", str(error)) from None


@lru_cache(maxsize=2)
def _client(key: str, base: str) -> "stripe.StripeClient":
    import stripe

    from moments.integrations.guarded_session import GuardedSession

    if not is_safe(base):
        raise Declined(_("STRIPE_API_BASE must be an https address."))
    client = stripe.RequestsClient(session=GuardedSession())
    addresses: stripe._base_address.BaseAddresses = {"api": base}
    return stripe.StripeClient(key, base_addresses=addresses, http_client=client, max_network_retries=0)


def _call(act: Callable, read: Callable) -> Any:
    """``read(act(client))``, with errors in kinds, and what cannot be read of an answer as one of them."""
    import stripe

    refuse_inside_a_transaction()
    if not settings.STRIPE_SECRET_KEY:
        raise Declined(_("This installation takes no cards."))
    client = _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)
    try:
        return read(act(client))
    except stripe.StripeError as error:
        raise _as_outcome(error) from None
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise InvalidProviderResponse(type(error).__name__) from None


def _as_outcome(error: "stripe.StripeError") -> Exception:
    """Its texts go nowhere: they quote ids, and are written for whoever calls Stripe. Its codes say which it was."""
    import stripe

    code = error.code if isinstance(error.code, str) else ""
    detail = " ".join(filter(None, (type(error).__name__, code, str(getattr(error, "param", None) or ""))))[:120]
    if isinstance(error, stripe.APIConnectionError | stripe.RateLimitError | stripe.APIError):
        return OutcomeUnknown(detail)
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):  # our key is at fault, and nobody's card
        return OutcomeUnknown(detail)
    if isinstance(error, stripe.CardError):
        decline_code = getattr(getattr(error, "error", None), "decline_code", "")
        return Declined(words_for(code, str(decline_code or "")))
    if (error.http_status or 0) >= 500:
        return OutcomeUnknown(detail)
    if code == "resource_missing" or error.http_status == 404:
        return NotKnown(detail)
    return AmountTooSmall(detail)


def _id(found: object, name: str = "id") -> str:
    """A text that an answer must have."""
    value = getattr(found, name)
    if not isinstance(value, str) or not value or len(value) > LONGEST_ID[name]:
        raise ValueError(name)
    return value


def create_customer(*, organization_id: int, name: str, email: str) -> str:
    """Its id."""
    params = {"name": name, "email": email, "metadata": {"organization": str(organization_id)}}
    return _call(lambda client: client.v1.customers.create(params), _id)


def begin_setup(customer_id: str) -> tuple[str, str]:
    """(id, client secret) of a card to be set up in the browser."""
    params = {"customer": customer_id, "usage": "off_session", "payment_method_types": ["card"]}
    return _call(lambda client: client.v1.setup_intents.create(params), lambda made: (_id(made), _secret(made)))


def card_of_setup(setup_id: str, customer_id: str) -> Card:
    """What the browser has set up. ``Refused`` where it is not done, somebody else's, or known to nobody."""
    not_set_up = Declined(_("The card was not set up. Try it again."))
    try:
        customer, status, method_id = _call(
            lambda client: client.v1.setup_intents.retrieve(setup_id),
            lambda found: (found.customer, found.status, found.payment_method),
        )
        if (
            customer != customer_id
            or status != IntentStatus.SUCCEEDED
            or not isinstance(method_id, str)
            or not method_id
        ):
            raise not_set_up
        owner, card = _call(lambda client: client.v1.payment_methods.retrieve(method_id), _read_method)
        if owner is None:
            _call(lambda client: client.v1.payment_methods.attach(method_id, {"customer": customer_id}), _id)
        elif owner != customer_id:
            raise not_set_up
    except NotKnown as error:
        logger.warning("Stripe does not know a card that was set up: %s", error)
        raise not_set_up from None
    return card


def _read_method(found: Any) -> tuple[str | None, Card]:
    card = found.card
    brand, last4 = str(card.brand or "")[:24], str(card.last4 or "")[:4]
    return found.customer, Card(_id(found), brand, last4, f"{int(card.exp_year):04}-{int(card.exp_month):02}"[:7])


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
    return _call(lambda client: client.v1.payment_intents.create(params, {"idempotency_key": reference}), _read)


def cancel(intent_id: str) -> Intent:
    """From now on it cannot be paid. ``Refused`` where it has been paid already."""
    return _call(lambda client: client.v1.payment_intents.cancel(intent_id), _reader(intent_id))


def refund(intent_id: str, *, reference: str) -> None:
    """All that was paid of it goes back, once: whoever does not know whether it did asks first.

    What went back already, in Stripe's own pages perhaps, is not given twice, and the rest is. After one that failed
    another is made, under a key of its own: the first would bring the same failure again.
    """
    query = {"payment_intent": intent_id, "limit": 100}
    given = _call(
        lambda client: client.v1.refunds.list(query),
        lambda found: [(_whole(each.amount), _text(each.status)) for each in found.data],
    )
    left = retrieve_intent(intent_id).amount_cents - sum(cents for cents, status in given if status not in FAILED)
    if left > 0:
        params = {"payment_intent": intent_id, "amount": left, "metadata": {"reference": reference}}
        key = f"{reference}-{len(given)}" if given else reference
        status = _call(
            lambda client: client.v1.refunds.create(params, {"idempotency_key": key}),
            lambda made: _text(made.status),
        )
        if status in FAILED:
            raise Declined(_("The bank did not take the refund."))


def retrieve_intent(intent_id: str) -> Intent:
    return _call(lambda client: client.v1.payment_intents.retrieve(intent_id), _reader(intent_id))


def confirm(intent_id: str) -> Intent:
    params: Any = {"off_session": True}
    return _call(lambda client: client.v1.payment_intents.confirm(intent_id, params), _reader(intent_id))


def _reader(intent_id: str) -> Callable[[Any], Intent]:
    """Reads an answer that must be about this intent and no other."""

    def read(found: "stripe.PaymentIntent") -> Intent:
        if found.id != intent_id:
            raise ValueError("another intent")
        return _read(found)

    return read


def _read(found: "stripe.PaymentIntent") -> Intent:
    currency, error, why = _text(found.currency).upper(), found.last_payment_error, ""
    if error:
        why = words_for(*(str(getattr(error, name, None) or "") for name in ("code", "decline_code")))
    return Intent(_id(found), _text(found.status), _whole(found.amount), why, currency, _secret(found))


def _secret(found: object) -> str:
    return _id(found, "client_secret")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("text")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("whole number")
    return value
