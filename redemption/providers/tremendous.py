"""Gift cards by Tremendous. API reference: https://developers.tremendous.com/reference."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from moments.integrations.exact_json import write_json
from moments.integrations.http_json import Answer, call_json, is_safe
from moments.integrations.outcomes import Declined, InvalidProviderResponse, Pending
from moments.money import to_decimal
from redemption.models import FulfillmentRequest
from redemption.providers.answers import NUMBER, REFERENCE, matching, member, sanitized
from redemption.providers.base import Accepted

GONE = {"FAILED", "CANCELED", "CANCELLED"}
WAITING = {"CART", "PENDING APPROVAL", "PENDING INTERNAL PAYMENT APPROVAL"}
LINK = re.compile(r"https?://[!-~]{1,2000}")  # printable ASCII, safe for pages, emails and the database


class Tremendous:
    """Gift links for one recipient. The ``external_id`` at Tremendous is our order number."""

    tells_what_is_there = True

    def what_is_missing(self) -> str:
        return "" if settings.TREMENDOUS_API_KEY else "TREMENDOUS_API_KEY is not set."

    def place(self, request: FulfillmentRequest) -> Accepted:
        answer = _call("POST", "/orders", write_json(order_for(request)))
        if answer.status == 409:
            return self._find_again(request)
        return read_order(member(_done(answer), "order", dict), request)

    def find(self, request: FulfillmentRequest) -> Accepted | None:
        """Find the order by its ``external_id``. Lists may lack links, so a missing one is generated."""
        document = _done(_call("GET", "/orders?" + urlencode({"external_id": request.request_id})))
        orders, count = member(document, "orders", list), member(document, "total_count", int)
        if count != len(orders) or count > 1:
            raise InvalidProviderResponse(f"It lists {len(orders)} orders of {count} under this number.")
        return read_order(orders[0], request, link_of=new_link) if orders else None

    def take_back(self, request: FulfillmentRequest) -> None:
        raise Declined("What is ordered at Tremendous is canceled in their dashboard.")

    def _find_again(self, request: FulfillmentRequest) -> Accepted:
        found = self.find(request)
        if found is None:
            raise InvalidProviderResponse("It says that it has an order of this number, and does not list it.")
        return found


def order_for(request: FulfillmentRequest) -> dict:
    """Return the request body. It contains no customer data except the name, since we deliver the gift."""
    order = request.order
    value = {"denomination": to_decimal(order.item_cents, order.currency), "currency_code": order.currency}
    reward = {
        "value": value,
        "delivery": {"method": "LINK"},
        "recipient": {"name": order.recipient},
        "products": list(settings.TREMENDOUS_PRODUCTS),
    }
    payment = {"funding_source_id": settings.TREMENDOUS_FUNDING_SOURCE}
    return {"external_id": request.request_id, "payment": payment, "reward": reward}


def link_in(reward: object) -> str:
    return member(member(reward, "delivery", dict), "link", str)


def new_link(reward: object) -> str:
    """Return the link of an existing reward, generating one if needed. That moves no money."""
    if member(reward, "delivery", dict).get("link"):
        return link_in(reward)
    reward_id = matching(REFERENCE, reward, "id")
    made = member(_done(_call("POST", f"/rewards/{reward_id}/generate_link", "{}")), "reward", dict)
    if made.get("id") != reward_id:
        raise InvalidProviderResponse("It made a link for another reward.")
    return member(made, "link", str)


def read_order(order: object, request: FulfillmentRequest, *, link_of: Callable[[object], str] = link_in) -> Accepted:
    """Return the accepted order. Raises ``InvalidProviderResponse`` if order, amount or link do not match, ``Pending``
    if it waits for approval.
    """
    reference = matching(REFERENCE, order, "id")
    if member(order, "external_id", str) != request.request_id:
        raise InvalidProviderResponse("It answers for another order.")
    status = member(order, "status", str).upper()
    if status in GONE:
        raise InvalidProviderResponse(f"Its order {reference} has failed or was canceled.")
    if status in WAITING:
        raise Pending(f"Its order {reference} waits for an approval there.")
    rewards = member(order, "rewards", list)
    if len(rewards) != 1:
        raise InvalidProviderResponse(f"Its order {reference} has {len(rewards)} rewards in it.")
    check_reward(rewards[0], request)
    link = link_of(rewards[0])
    if not LINK.fullmatch(link) or not is_safe(link):
        raise InvalidProviderResponse(f"Its order {reference} has no link that can be passed on.")
    return Accepted(reference, link)


def check_reward(reward: object, request: FulfillmentRequest) -> None:
    value, delivery, order = member(reward, "value", dict), member(reward, "delivery", dict), request.order
    if member(value, "currency_code", str) != order.currency:
        raise InvalidProviderResponse("It answers in another currency.")
    if member(value, "denomination", NUMBER) != to_decimal(order.item_cents, order.currency):
        raise InvalidProviderResponse("It answers with another amount.")
    if member(delivery, "method", str) != "LINK" or str(delivery.get("status", "")).upper() in GONE:
        raise InvalidProviderResponse("It does not deliver by link.")


def _call(method: str, path: str, body: str | None = None) -> Answer:
    headers = {"Authorization": f"Bearer {settings.TREMENDOUS_API_KEY}"}
    return call_json(method, f"{settings.TREMENDOUS_BASE_URL}/api/v2{path}", headers=headers, body=body)


def _done(answer: Answer) -> Any:
    if answer.status >= 400:
        raise Declined(f"It answered {answer.status}. {reason_in(answer.document)}".strip())
    return answer.document


def reason_in(document: object) -> str:
    errors = document.get("errors") if isinstance(document, dict) else None
    return sanitized(errors.get("message")) if isinstance(errors, dict) else ""
