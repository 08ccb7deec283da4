"""Orders go to their providers here: claimed before the call, asked about before any call is repeated."""

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

# After the first, the second … attempt without an answer; after the last an operator has to look.
RETRY_AFTER = [dt.timedelta(minutes=m) for m in (1, 5, 30, 120, 480, 1440)]
STUCK_AFTER = dt.timedelta(minutes=5)  # an attempt takes a minute at most: three calls, each with its deadline
NOT_READY_RETRY = dt.timedelta(minutes=10)
SWEEP_FOR = dt.timedelta(seconds=45)  # a slow provider must not keep a worker from mails
BATCH = 200

Status = FulfillmentRequest.Status


def send_request(pk: int, *, now: dt.datetime) -> bool:
    """Have one order fulfilled, if that is due and nobody else is at it. True when it was accepted now."""
    refuse_inside_a_transaction()  # where a claim would be seen by nobody
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
    """Not without a key, and not while the provider is left alone. The row stays as it is, for the sweep."""
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
        raise  # ours is away, not theirs: the row stays claimed until the sweep has it asked about
    except Exception as error:  # of ours; whether the provider has the order is for an operator to ask
        logger.exception("Fulfillment of %s", request.request_id)
        mark_needs_attention(request, type(error).__name__)
    else:
        breaker.close()
        return accepted is not None and accept(request, accepted, now=now)
    return False


def place_or_find(provider: Provider, request: FulfillmentRequest, *, ask_first: bool) -> Accepted | None:
    """What the provider has, else what it accepts now. None where the sweep gave the request away meanwhile."""
    if ask_first:
        found = what_is_there(provider, request)
        if found or not mine(request).exists():
            return found
    return provider.place(request)


def what_is_there(provider: Provider, request: FulfillmentRequest) -> Accepted | None:
    """The question that stands before every repetition: with the answer to the last call lost, it may be there."""
    return provider.find(request)


def mine(request: FulfillmentRequest) -> QuerySet[FulfillmentRequest]:
    """The row as this worker claimed it; nothing once the sweep has given it to somebody else."""
    return FulfillmentRequest.objects.filter(
        pk=request.pk, status=Status.SENDING, claimed_at=request.claimed_at, attempts=request.attempts
    )


def accept(request: FulfillmentRequest, accepted: Accepted, *, now: dt.datetime) -> bool:
    """The gift is the customer's: both rows in one transaction, so that a crash before it only means to ask again."""
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
    """It was given up meanwhile, and is there after all: what its customer does not need has been bought."""
    if not FulfillmentRequest.objects.filter(pk=request.pk, status=Status.CANCELED).exists():
        return  # whoever has it now asks first, and finds it
    text = _("The provider accepted order %(number)s as %(reference)s after it was given up here.\n\n%(url)s") % {
        "number": request.request_id,
        "reference": accepted.reference,
        "url": absolute("admin:redemption_order_change", request.order_id),
    }
    with transaction.atomic():
        record_order_event(request.order, OrderEvent.ACCEPTED_TOO_LATE, by=None, why=accepted.reference, now=now)
        notify_operators(_("Order %s came too late") % request.request_id, text, now=now)


def schedule_retry(request: FulfillmentRequest, reason: str, *, now: dt.datetime) -> None:
    """Nobody knows: asked again later, and in the end by an operator."""
    if request.attempts > len(RETRY_AFTER):
        mark_needs_attention(request, reason)
        return
    logger.warning("Fulfillment of %s is put off: %s", request.request_id, reason)
    later = now + RETRY_AFTER[request.attempts - 1]
    mine(request).update(status=Status.UNKNOWN, due_at=later, last_error=reason[:500])


def mark_needs_attention(request: FulfillmentRequest, reason: str) -> bool:
    """Nothing more is sent until an operator has looked. False where it is no longer this worker's."""
    if not mine(request).update(status=Status.NEEDS_ATTENTION, last_error=reason[:500]):
        return False
    logger.warning("Fulfillment of %s needs attention: %s", request.request_id, reason)
    return True


def look_up(request: FulfillmentRequest, *, by: User, now: dt.datetime) -> None:
    """Ask the provider whether it has what needs attention. Only a clear no is kept: it may then be given up here."""
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
    """An operator gives it up: canceled over there, then here, so that its order can be canceled or sent by hand.

    As it is now, not as it was listed: what its customer was given meanwhile must not be canceled over there.
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
    """What a worker claimed and never finished may have been accepted: it becomes unknown, and due."""
    stuck = FulfillmentRequest.objects.filter(status=Status.SENDING, claimed_at__lte=now - STUCK_AFTER)
    reason = "The worker died while it asked."
    hopeless = stuck.filter(attempts__gt=len(RETRY_AFTER)).update(status=Status.NEEDS_ATTENTION, last_error=reason)
    return hopeless + stuck.update(status=Status.UNKNOWN, due_at=now, last_error=reason)


def sweep_fulfillment(*, now: dt.datetime) -> int:
    """Ask for everything that is due, oldest first, for less than a minute; how many were accepted."""
    release_stuck(now=now)
    accepted, began = 0, clock.now()
    for pk in list(due(now).order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH]):
        elapsed = clock.now() - began
        if elapsed > SWEEP_FOR:
            break
        # The clock goes on while providers are asked: a claim made now must not look as old as the sweep.
        accepted += send_request(pk, now=now + elapsed)
    return accepted
