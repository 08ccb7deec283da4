"""What an order knows of its fulfillment by a provider: asked for, withdrawn, asked again. Nothing here calls out."""

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
    """Have the product's provider asked for it after the commit. None for what people send by hand.

    That is also what an equal is where a provider was given up for the same order.
    """
    if order.product.fulfillment not in PROVIDERS or FulfillmentRequest.objects.filter(order=order).exists():
        return None
    request = FulfillmentRequest.objects.create(
        order=order, provider=order.product.fulfillment, request_id=order.number, due_at=now, created_at=now
    )
    _nudge_after_commit(request.pk)
    return request


def _nudge_after_commit(pk: int) -> None:
    """Tell a worker. A broker that is down is no fault of the customer's: the sweep finds the row."""
    transaction.on_commit(lambda: enqueue("redemption.tasks.fulfill_order", pk), robust=True)


def request_of(order: Order) -> FulfillmentRequest | None:
    return FulfillmentRequest.objects.filter(order=order).exclude(status=Status.CANCELED).first()


def withdraw_request(order: Order, *, checked: str = "", now: dt.datetime) -> None:
    """Nobody is asked for it any more. Refused where the provider has the order, or may have it.

    What needs attention may be there too: either it was asked in the last hour and said no, or somebody has
    ``checked`` there, and says so in words.
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
    """It was sent, and what came of it is for an operator to say."""
    is_absent = request.absent_at is not None and now - request.absent_at < LOOK_HOLDS
    return request.status == Status.NEEDS_ATTENTION and not is_absent


def refuse_provided(order: Order) -> None:
    """For what concerns the shelf alone."""
    if request_of(order) is not None:
        message = _("Order %s is delivered by a provider, so it is on no shelf.") % order.number
        raise RuleViolation("with_provider", message)


def is_being_arranged(order: Order) -> bool:
    """Does the customer wait for a provider? What went wrong meanwhile is the operator's to know."""
    request = request_of(order)
    return request is not None and request.status != Status.ACCEPTED


def ask_again(request: FulfillmentRequest, *, now: dt.datetime) -> bool:
    """An operator has seen to it. The provider is first asked what it has, whatever the trouble was."""
    stopped = FulfillmentRequest.objects.filter(pk=request.pk, status=Status.NEEDS_ATTENTION)
    return bool(stopped.update(status=Status.UNKNOWN, due_at=now, attempts=0))
