"""Requests of orders to fulfillment providers: create, withdraw and retry. Nothing here calls a provider."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from moments.errors import RuleViolation
from moments.integrations.task_dispatch import enqueue
from moments.lifecycle import advance
from redemption.models import FulfillmentRequest, Order
from redemption.providers.registry import PROVIDERS

Status = FulfillmentRequest.Status
WITH_PROVIDER = {Status.SENDING, Status.UNKNOWN, Status.ACCEPTED}
LOOK_HOLDS = dt.timedelta(hours=1)


def request_fulfillment(order: Order, *, now: dt.datetime) -> FulfillmentRequest | None:
    """Queue a request to the product's provider, sent after the commit. Returns None if the warehouse fulfills it.

    Also returns None if the order had a request before; its substitute is sent by hand then.
    """
    if order.product.fulfillment not in PROVIDERS or FulfillmentRequest.objects.filter(order=order).exists():
        return None
    request = FulfillmentRequest.objects.create(
        order=order, provider=order.product.fulfillment, request_id=order.number, due_at=now, created_at=now
    )
    _nudge_after_commit(request.pk)
    return request


def _nudge_after_commit(pk: int) -> None:
    """Enqueue the task after the commit. If the broker is down, the sweep sends the request later."""
    transaction.on_commit(lambda: enqueue("redemption.tasks.fulfill_order", pk), robust=True)


def request_of(order: Order) -> FulfillmentRequest | None:
    return FulfillmentRequest.objects.filter(order=order).exclude(status=Status.CANCELED).first()


def withdraw_request(order: Order, *, checked: str = "", now: dt.datetime) -> None:
    """Cancel the order's request. Raises ``RuleViolation`` if the provider has the order or may have it.

    A request that needs attention can be withdrawn if the provider denied having the order within the last hour, or if
    ``checked`` states how the operator knows.
    """
    request = request_of(order)
    if request is None:
        return
    if request.status in WITH_PROVIDER:
        message = _("A provider is being asked for order %s, or has it already. Wait for the answer.") % order.number
        raise RuleViolation("with_provider", message)
    if may_be_there(request, now) and not checked.strip():
        message = _(
            "The provider may have order %s. Ask it first: “Ask whether it is there”, among the fulfillment requests. "
            "Or look there yourself, and say how you know that it has none."
        )
        raise RuleViolation("may_be_there", message % order.number, field="checked")
    advance(request, Status.CANCELED, as_read=("claimed_at",))


def may_be_there(request: FulfillmentRequest, now: dt.datetime) -> bool:
    """Return whether the request needs attention and the provider did not deny having it within the last hour."""
    is_absent = request.absent_at is not None and now - request.absent_at < LOOK_HOLDS
    return request.status == Status.NEEDS_ATTENTION and not is_absent


def refuse_provided(order: Order) -> None:
    """Raise ``RuleViolation`` if a provider fulfills the order, so it is not in the warehouse."""
    if request_of(order) is not None:
        message = _("Order %s is delivered by a provider, so it is on no shelf.") % order.number
        raise RuleViolation("with_provider", message)


def is_being_arranged(order: Order) -> bool:
    """Return whether the customer is waiting for a provider. Problems with the provider are shown to operators only."""
    request = request_of(order)
    return request is not None and request.status != Status.ACCEPTED


def ask_again(request: FulfillmentRequest, *, now: dt.datetime) -> bool:
    """Retry a request that needs attention. The provider is queried first. Returns False if its status changed
    meanwhile.
    """
    stopped = FulfillmentRequest.objects.filter(pk=request.pk, status=Status.NEEDS_ATTENTION)
    return bool(stopped.update(status=Status.UNKNOWN, due_at=now, attempts=0))
