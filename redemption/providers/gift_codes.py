"""Amazon gift codes through the Incentives API (AGCOD): https://developer.amazon.com/docs/incentives-api/."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.conf import settings

from moments.integrations.aws_signature import signed_headers
from moments.integrations.exact_json import write_json
from moments.integrations.http_json import call_json
from moments.integrations.outcomes import Declined, InvalidProviderResponse, OutcomeUnknown
from moments.money import to_decimal
from redemption.models import FulfillmentRequest
from redemption.providers.answers import NUMBER, REFERENCE, matching, member, sanitized
from redemption.providers.base import Accepted

SERVICE = "AGCODService"
CODE = re.compile(r"[A-Za-z0-9-]{6,40}")
ERROR = re.compile(r"F[1-5]00")
REFUSALS = {"F200", "F300"}  # invalid request and account errors; other errors are temporary
DEFAULT_PORTS = {"https": 443, "http": 80}


class GiftCodes:
    """Gift codes for one recipient. By contract, repeating a request with the same id returns the same code."""

    tells_what_is_there = False

    def what_is_missing(self) -> str:
        needed = ("AMAZON_PARTNER_ID", "AMAZON_ACCESS_KEY", "AMAZON_SECRET_KEY")
        missing = [name for name in needed if not getattr(settings, name)]
        return f"{', '.join(missing)} is not set." if missing else ""

    def place(self, request: FulfillmentRequest) -> Accepted:
        order = request.order
        value = {"currencyCode": order.currency, "amount": to_decimal(order.item_cents, order.currency)}
        asked = {"creationRequestId": creation_id(request), "partnerId": settings.AMAZON_PARTNER_ID, "value": value}
        return read_card(_call("CreateGiftCard", asked), request)

    def find(self, request: FulfillmentRequest) -> None:
        """Return None: AGCOD has no query. Creating the card again returns the existing one."""

    def take_back(self, request: FulfillmentRequest) -> None:
        asked = {"creationRequestId": creation_id(request), "partnerId": settings.AMAZON_PARTNER_ID}
        answer = _call("CancelGiftCard", asked)
        if member(answer, "creationRequestId", str) != creation_id(request):
            raise InvalidProviderResponse("It answers for another order.")

    def funds(self) -> tuple[Decimal, str]:
        """Return the account's balance and its currency."""
        left = member(_call("GetAvailableFunds", {"partnerId": settings.AMAZON_PARTNER_ID}), "availableFunds", dict)
        return Decimal(member(left, "amount", NUMBER)), matching(re.compile("[A-Z]{3}"), left, "currencyCode")


def creation_id(request: FulfillmentRequest) -> str:
    """Return the request id for Amazon: the partner id and alphanumeric characters, the same for every attempt."""
    return settings.AMAZON_PARTNER_ID + request.request_id.replace("-", "")


def read_card(card: object, request: FulfillmentRequest) -> Accepted:
    """Return the accepted card. Raises ``InvalidProviderResponse`` if order, amount, currency or card status do not
    match.
    """
    if member(card, "creationRequestId", str) != creation_id(request):
        raise InvalidProviderResponse("It answers for another order.")
    reference, order = matching(REFERENCE, card, "gcId"), request.order
    info = member(card, "cardInfo", dict)
    value = member(info, "value", dict)
    if member(info, "cardStatus", str) != "Fulfilled":
        raise InvalidProviderResponse(f"Its card {reference} cannot be spent: {sanitized(info['cardStatus'])}.")
    if member(value, "currencyCode", str) != order.currency:
        raise InvalidProviderResponse("It answers in another currency.")
    if member(value, "amount", NUMBER) != to_decimal(order.item_cents, order.currency):
        raise InvalidProviderResponse("It answers with another amount.")
    return Accepted(reference, matching(CODE, card, "gcClaimCode"))


def _call(operation: str, asked: dict) -> Any:
    """Call an operation and return its response. Any other outcome is raised by ``_fail``."""
    url, body = f"{settings.AMAZON_GIFT_CODES_URL}/{operation}", write_json(asked)
    headers = signed_headers(
        "POST",
        url,
        headers={
            "Host": _host(url),
            "Accept": "application/json",
            "Content-Type": "application/json",
            "X-Amz-Target": f"com.amazonaws.agcod.{SERVICE}.{operation}",
        },
        body=body,
        access_key=settings.AMAZON_ACCESS_KEY,
        secret_key=settings.AMAZON_SECRET_KEY,
        region=settings.AMAZON_REGION,
        service=SERVICE,
        at=dt.datetime.now(dt.UTC),  # Amazon compares it with its own clock, so this must be the real time
    )
    answer = call_json("POST", url, headers=headers, body=body)
    if answer.status >= 400 or _status(answer.document) != "SUCCESS":
        _fail(answer.status, answer.document)
    return answer.document


def _host(url: str) -> str:
    """Return the signed ``Host`` header, without the scheme's default port."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return host.removesuffix(f":{DEFAULT_PORTS.get(parts.scheme)}")


def _status(document: object) -> str:
    """Return ``SUCCESS``, ``FAILURE`` or ``RESEND``; errors have it one level deeper."""
    if isinstance(document, dict):
        inner = document.get("agcodResponse")
        found = document.get("status") or (inner.get("status") if isinstance(inner, dict) else None)
        return found if isinstance(found, str) else ""
    return ""


def _fail(status: int, document: object) -> NoReturn:
    """Raise by error class: temporary errors as ``OutcomeUnknown``, to be retried with the same id, permanent ones as
    ``Declined``.
    """
    said = document if isinstance(document, dict) else {}
    code, kind = said.get("errorCode"), str(said.get("errorType") or said.get("__type") or "")
    reason = " ".join(
        filter(None, [sanitized(code), sanitized(kind), sanitized(said.get("message") or said.get("Message"))])
    )
    sentence = f"It answered {status}. {reason}".strip()
    if "Throttling" in kind or _status(document) == "RESEND":
        raise OutcomeUnknown(sentence)
    if isinstance(code, str) and ERROR.fullmatch(code):
        raise Declined(sentence) if code in REFUSALS else OutcomeUnknown(sentence)
    raise Declined(sentence) if status >= 400 else InvalidProviderResponse(sentence)
