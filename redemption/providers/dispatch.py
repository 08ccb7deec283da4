"""Sending orders to providers. A worker claims a request before the call and queries the provider before any
repetition.
"""

import datetime as dt
import logging

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from moments import clock
from moments.errors import Conflict, RuleViolation
from moments.integrations.circuit_breaker import CircuitBreaker
from moments.integrations.outbound_guard import refuse_inside_a_transaction
from moments.integrations.outcomes import Declined, InvalidProviderResponse, OutcomeUnknown, Pending
from moments.lifecycle import advance
from moments.registry import absolute
from outbox.service import notify_operators
from redemption.checkout.place_order import record_order_event
from redemption.models import FulfillmentRequest, OrderEvent
from redemption.providers.base import Accepted, Provider
from redemption.providers.registry import PROVIDERS
from redemption.shipping.transitions import mark_shipped

logger = logging.getLogger(__name__)

breakers = {name: CircuitBreaker(cooldown=30.0, failure_threshold=5) for name in PROVIDERS}

# Delays after each attempt without an answer; after the last one an operator has to act.
RETRY_AFTER = [dt.timedelta(minutes=m) for m in (1, 5, 30, 120, 480, 1440)]
STUCK_AFTER = dt.timedelta(minutes=5)  # an attempt takes at most a minute: three calls with a deadline each
NOT_READY_RETRY = dt.timedelta(minutes=10)
SWEEP_FOR = dt.timedelta(seconds=45)  # leave the worker time for emails if a provider is slow
BATCH = 200

Status = FulfillmentRequest.Status


def send_request(pk: int, *, now: dt.datetime) -> bool:
    """Send one request if it is due and no other worker has it. Returns True if the provider accepted it now."""
    refuse_inside_a_transaction()  # other workers could not see the claim
    request = due(now).select_related("order").filter(pk=pk).first()
    if request is None or not is_callable(request, now):
        return False
    was_unanswered = request.status == Status.UNKNOWN
    try:
        claims = {"claimed_at": now, "attempts": request.attempts + 1, "absent_at": None}
        advance(request, Status.SENDING, as_read=("attempts", "due_at"), **claims)
    except Conflict:
        return False
    return attempt(request, ask_first=was_unanswered or request.attempts > 1, now=now)


def due(now: dt.datetime) -> QuerySet[FulfillmentRequest]:
    return FulfillmentRequest.objects.filter(status__in=[Status.QUEUED, Status.UNKNOWN], due_at__lte=now)


def is_callable(request: FulfillmentRequest, now: dt.datetime) -> bool:
    """Return whether the provider is configured and its circuit breaker is closed. Otherwise the sweep retries the
    request.
    """
    if missing := PROVIDERS[request.provider].what_is_missing():
        FulfillmentRequest.objects.filter(pk=request.pk, status=request.status, due_at=request.due_at).update(
            due_at=now + NOT_READY_RETRY, last_error=missing
        )
        return False
    return not breakers[request.provider].is_open()


def attempt(request: FulfillmentRequest, *, ask_first: bool, now: dt.datetime) -> bool:
    provider, breaker = PROVIDERS[request.provider], breakers[request.provider]
    try:
        accepted = place_or_find(provider, request, ask_first=ask_first)
    except Pending as outcome:
        breaker.close()
        schedule_retry(request, str(outcome), now=now)
    except OutcomeUnknown as outcome:
        breaker.trip()
        schedule_retry(request, str(outcome), now=now)
    except (Declined, InvalidProviderResponse) as outcome:
        breaker.close()
        mark_needs_attention(request, str(outcome))
    except DatabaseError:
        raise  # our database failed: the request stays claimed until the sweep releases it
    except Exception as error:  # our error; an operator has to ask whether the provider has the order
        logger.exception("Fulfillment of %s", request.request_id)
        mark_needs_attention(request, type(error).__name__)
    else:
        breaker.close()
        return accepted is not None and accept(request, accepted, now=now)
    return False


def place_or_find(provider: Provider, request: FulfillmentRequest, *, ask_first: bool) -> Accepted | None:
    """Return the provider's existing order, else place it. Returns None if the sweep released the request meanwhile."""
    if ask_first:
        found = what_is_there(provider, request)
        if found or not mine(request).exists():
            return found
    return provider.place(request)


def what_is_there(provider: Provider, request: FulfillmentRequest) -> Accepted | None:
    """Query the provider before repeating a call, since it may have the order although the response was lost."""
    return provider.find(request)


def mine(request: FulfillmentRequest) -> QuerySet[FulfillmentRequest]:
    """Return the request as this worker claimed it; empty once the sweep released it."""
    return FulfillmentRequest.objects.filter(
        pk=request.pk, status=Status.SENDING, claimed_at=request.claimed_at, attempts=request.attempts
    )


def accept(request: FulfillmentRequest, accepted: Accepted, *, now: dt.datetime) -> bool:
    """Save the accepted gift and ship the order in one transaction. After a crash before it, the provider is queried
    again.
    """
    changes = {"accepted_at": now, "provider_reference": accepted.reference, "last_error": ""}
    try:
        with transaction.atomic():
            advance(request, Status.ACCEPTED, as_read=("claimed_at", "attempts"), **changes)
            mark_shipped(request.order, content=accepted.content, by=None, now=now)
    except RuleViolation as refusal:
        message = f"Accepted there as {accepted.reference}, but not shipped here: {refusal.message}"
        if not mark_needs_attention(request, message):
            tell_of_late_answer(request, accepted, now=now)
        return False
    return True


def tell_of_late_answer(request: FulfillmentRequest, accepted: Accepted, *, now: dt.datetime) -> None:
    """Notify operators if the provider accepted a request that was canceled here meanwhile."""
    if not FulfillmentRequest.objects.filter(pk=request.pk, status=Status.CANCELED).exists():
        return  # another worker has it, queries the provider first and finds the order
    text = _("The provider accepted order %(number)s as %(reference)s after it was given up here.\n\n%(url)s") % {
        "number": request.request_id,
        "reference": accepted.reference,
        "url": absolute("admin:redemption_order_change", request.order_id),
    }
    with transaction.atomic():
        record_order_event(request.order, OrderEvent.ACCEPTED_TOO_LATE, by=None, why=accepted.reference, now=now)
        notify_operators(_("Order %s came too late") % request.request_id, text, now=now)


def schedule_retry(request: FulfillmentRequest, reason: str, *, now: dt.datetime) -> None:
    """Schedule another attempt after an unknown outcome; after the last one, the request needs attention."""
    if request.attempts > len(RETRY_AFTER):
        mark_needs_attention(request, reason)
        return
    logger.warning("Fulfillment of %s is put off: %s", request.request_id, reason)
    later = now + RETRY_AFTER[request.attempts - 1]
    mine(request).update(status=Status.UNKNOWN, due_at=later, last_error=reason[:500])


def mark_needs_attention(request: FulfillmentRequest, reason: str) -> bool:
    """Stop the request until an operator acts. Returns False if this worker no longer has it."""
    if not mine(request).update(status=Status.NEEDS_ATTENTION, last_error=reason[:500]):
        return False
    logger.warning("Fulfillment of %s needs attention: %s", request.request_id, reason)
    return True


def look_up(request: FulfillmentRequest, *, by: User, now: dt.datetime) -> None:
    """Ask the provider whether it has a request that needs attention, and store a clear no so it can be withdrawn.

    Raises ``RuleViolation`` if the provider has the order or its answer is unclear.
    """
    _refuse_lookup(request, now)
    try:
        found = PROVIDERS[request.provider].find(request)
    except (Declined, InvalidProviderResponse, OutcomeUnknown) as outcome:
        raise RuleViolation("not_known", f"{request.request_id}: {outcome}") from None
    if found:
        message = _("It has it as %s. “Ask and try again” brings it to the customer.") % found.reference
        raise RuleViolation("is_there", message)
    asked = FulfillmentRequest.objects.filter(
        pk=request.pk, status=Status.NEEDS_ATTENTION, claimed_at=request.claimed_at
    )
    with transaction.atomic():
        if not asked.update(absent_at=now):
            raise Conflict
        record_order_event(request.order, OrderEvent.ABSENT_AT_PROVIDER, by=by, now=now)


def _refuse_lookup(request: FulfillmentRequest, now: dt.datetime) -> None:
    if request.status != Status.NEEDS_ATTENTION:
        message = _("Only what needs attention is asked about by hand; %s does not.") % request.request_id
        raise RuleViolation("not_stopped", message)
    if not PROVIDERS[request.provider].tells_what_is_there:
        message = _("This provider cannot be asked without ordering. Take it back there, or look in your account.")
        raise RuleViolation("cannot_tell", message)
    if request.claimed_at and now < request.claimed_at + STUCK_AFTER:
        message = _("It was sent less than 5 minutes ago, and may still arrive there. Ask again a little later.")
        raise RuleViolation("too_soon", message)


def take_back(request: FulfillmentRequest, *, by: User, now: dt.datetime) -> None:
    """Cancel a request at the provider, then here, so that its order can be canceled or sent by hand.

    Reads the current status first: a gift that the customer received meanwhile must not be canceled.
    """
    request.refresh_from_db(fields=["status"])
    if request.status != Status.NEEDS_ATTENTION:
        message = _("Only what needs attention is taken back; %s does not.") % request.request_id
        raise RuleViolation("not_stopped", message)
    try:
        PROVIDERS[request.provider].take_back(request)
    except (Declined, InvalidProviderResponse, OutcomeUnknown) as outcome:
        raise RuleViolation("not_taken_back", f"{request.request_id}: {outcome}") from None
    with transaction.atomic():
        advance(request, Status.CANCELED)
        record_order_event(request.order, OrderEvent.TAKEN_BACK, by=by, now=now)


def release_stuck(*, now: dt.datetime) -> int:
    """Release requests whose worker died. The provider may have accepted them, so they become unknown and due."""
    stuck = FulfillmentRequest.objects.filter(status=Status.SENDING, claimed_at__lte=now - STUCK_AFTER)
    reason = "The worker died while it asked."
    hopeless = stuck.filter(attempts__gt=len(RETRY_AFTER)).update(status=Status.NEEDS_ATTENTION, last_error=reason)
    return hopeless + stuck.update(status=Status.UNKNOWN, due_at=now, last_error=reason)


def sweep_fulfillment(*, now: dt.datetime) -> int:
    """Send all due requests, oldest first, for at most 45 seconds. Returns how many were accepted."""
    release_stuck(now=now)
    accepted, began = 0, clock.now()
    for pk in list(due(now).order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH]):
        elapsed = clock.now() - began
        if elapsed > SWEEP_FOR:
            break
        # Count the time spent on earlier calls, so that a new claim does not seem as old as the sweep.
        accepted += send_request(pk, now=now + elapsed)
    return accepted
