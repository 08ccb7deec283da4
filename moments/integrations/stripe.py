"""Calls to Stripe for customers, cards and payments.

A payment takes two steps, so that its id is stored before it costs anything: create the intent, then confirm it. If the
outcome of a confirmation is unknown, retrieve the intent by its id; never confirm it again.
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
from moments.integrations.outcomes import Declined, OutcomeUnknown

# Importing Stripe's library takes a third of a second, so each process imports it at the first call.
if TYPE_CHECKING:
    import stripe

logger = logging.getLogger(__name__)
# Additional sources for pages with Stripe's card field.
PAGE_POLICY = {
    "script-src": [settings.STRIPE_JS],
    "frame-src": ["https://js.stripe.com", "https://hooks.stripe.com"],
    "connect-src": [settings.STRIPE_API_BASE],
}
NOT_NOW, NOT_KNOWN = "payments_unavailable", "payment_unknown"
LONGEST_ID = {"id": 64, "client_secret": 200}  # maximum lengths of our columns
# Smallest payments, in minor units. Stripe has a minimum per currency, and requires the equivalent of half a dollar
# if it converts the currency, which is more in most cases; the values leave room for rate changes.
# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts; assumes an account in US dollars.
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
FAILED = {"failed", "canceled"}  # refund statuses without a transfer


class UnreadableResponse(OutcomeUnknown):
    """Raised if a successful response cannot be read. Treated like no response."""


class RequestRejected(Declined):
    """Raised if Stripe refuses the call itself, not the card. The message is for operators."""


class NotKnown(RequestRejected):
    """Raised if Stripe does not know a stored id, because keys were changed or the object was deleted there."""


@dataclass(frozen=True)
class Card:
    """A card that can be charged without its owner present."""

    method_id: str
    brand: str
    last4: str
    expires: str  # 2029-04


class IntentStatus(enum.StrEnum):
    """The statuses that matter here; Stripe has more."""

    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


# The payer has completed their part and must not pay again.
PAID_OR_BEING_PAID = {IntentStatus.PROCESSING, IntentStatus.SUCCEEDED}


@dataclass(frozen=True)
class Intent:
    """A payment intent. ``status`` is Stripe's, ``why`` the reason of a failure; ``secret`` is for the payer's browser
    only.
    """

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
    """Context manager that converts Stripe outcomes to ``RuleViolation`` with messages for users."""

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
        if isinstance(error, RequestRejected):
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
    """Return ``read(act(client))``. Errors are converted to outcomes, unreadable responses to
    ``UnreadableResponse``.
    """
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
        raise UnreadableResponse(type(error).__name__) from None


def _as_outcome(error: "stripe.StripeError") -> Exception:
    """Convert an error to an outcome by its code. Its text is dropped, since it quotes ids and is for developers."""
    import stripe

    code = error.code if isinstance(error.code, str) else ""
    detail = " ".join(filter(None, (type(error).__name__, code, str(getattr(error, "param", None) or ""))))[:120]
    if isinstance(error, stripe.APIConnectionError | stripe.RateLimitError | stripe.APIError):
        return OutcomeUnknown(detail)
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):  # our API key is the problem, not a card
        return OutcomeUnknown(detail)
    if isinstance(error, stripe.CardError):
        decline_code = getattr(getattr(error, "error", None), "decline_code", "")
        return Declined(words_for(code, str(decline_code or "")))
    if (error.http_status or 0) >= 500:
        return OutcomeUnknown(detail)
    if code == "resource_missing" or error.http_status == 404:
        return NotKnown(detail)
    return RequestRejected(detail)


def _id(found: object, name: str = "id") -> str:
    """Return a required text of a response. Raises ``ValueError`` if it is missing or too long."""
    value = getattr(found, name)
    if not isinstance(value, str) or not value or len(value) > LONGEST_ID[name]:
        raise ValueError(name)
    return value


def create_customer(*, organization_id: int, name: str, email: str) -> str:
    """Create a customer and return its id."""
    params = {"name": name, "email": email, "metadata": {"organization": str(organization_id)}}
    return _call(lambda client: client.v1.customers.create(params), _id)


def begin_setup(customer_id: str) -> tuple[str, str]:
    """Begin to set up a card in the browser. Returns its id and client secret."""
    params = {"customer": customer_id, "usage": "off_session", "payment_method_types": ["card"]}
    return _call(lambda client: client.v1.setup_intents.create(params), lambda made: (_id(made), _secret(made)))


def card_of_setup(setup_id: str, customer_id: str) -> Card:
    """Return the card that was set up in the browser. Raises ``Declined`` if the setup is incomplete, unknown or
    another customer's.
    """
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
    """Create an unconfirmed intent, which costs nothing. Calls with the same ``reference`` return the same intent."""
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
    """Create an intent to be paid in the browser with its client secret. It costs nothing until then."""
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
    """Cancel an intent, so that it cannot be paid. Raises ``Declined`` if it is already paid."""
    return _call(lambda client: client.v1.payment_intents.cancel(intent_id), _reader(intent_id))


def refund(intent_id: str, *, reference: str) -> None:
    """Refund the payment completely. Existing refunds, including those made in the dashboard, are deducted first.

    After a failed refund, a new one uses another idempotency key, since the same key would repeat the failure.
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
    """Return a reader that raises ``ValueError`` if the response is about another intent."""

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
