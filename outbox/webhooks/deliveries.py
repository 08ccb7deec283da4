"""Deliveries as rows: claimed for some minutes, attempted, and recorded.

A claim moves ``due_at`` to the end of the lease, and only who holds the lease records a failure. Rows are the truth: if
a worker dies, its deliveries are due again when the lease ends, under the same id.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from moments.errors import Conflict
from outbox.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from outbox.webhooks.endpoints import Reason, disable_endpoint
from outbox.webhooks.schedule import next_attempt
from outbox.webhooks.transport import Answer

LEASE = dt.timedelta(seconds=60)
GIVE_UP_AFTER = dt.timedelta(days=5)
GONE = 410
Status = WebhookDelivery.Status

DUE_ENDPOINTS = """
SELECT endpoint.id FROM outbox_webhookendpoint endpoint
WHERE endpoint.status = 'active' AND EXISTS (
    SELECT FROM outbox_webhookdelivery delivery
    WHERE delivery.endpoint_id = endpoint.id AND delivery.status = 'pending' AND delivery.due_at <= %s
)
"""
CLAIM = """
WITH wanted AS (
    SELECT unnest(%(endpoints)s::uuid[]) AS endpoint_id, unnest(%(counts)s::int[]) AS most
), picked AS (
    SELECT due.id FROM wanted, LATERAL (
        SELECT id FROM outbox_webhookdelivery delivery
        WHERE delivery.endpoint_id = wanted.endpoint_id AND status = 'pending' AND due_at <= %(now)s
        ORDER BY due_at, id LIMIT wanted.most FOR UPDATE SKIP LOCKED
    ) AS due
)
UPDATE outbox_webhookdelivery SET due_at = %(lease)s WHERE id IN (SELECT id FROM picked) RETURNING id
"""
# A success counts whoever holds the lease by now; anything else only for its holder.
RECORD = """
UPDATE outbox_webhookdelivery delivery
SET status = done.status, attempts = delivery.attempts + 1, due_at = done.due_at, finished_at = done.finished_at,
    response_status = done.response_status, last_error = done.error
FROM (SELECT unnest(%(ids)s::bigint[]) AS id, unnest(%(leases)s::timestamptz[]) AS lease,
    unnest(%(statuses)s::text[]) AS status, unnest(%(due)s::timestamptz[]) AS due_at,
    unnest(%(finished)s::timestamptz[]) AS finished_at, unnest(%(responses)s::int[]) AS response_status,
    unnest(%(errors)s::text[]) AS error) AS done
WHERE delivery.id = done.id AND delivery.status = 'pending'
    AND (delivery.due_at = done.lease OR done.status = 'delivered')
"""


@dataclass(frozen=True)
class Outcome:
    """An attempt that was made at ``at`` for a delivery as it was claimed."""

    delivery: WebhookDelivery
    url: str
    at: dt.datetime
    answer: Answer


def due_endpoints(now: dt.datetime) -> list[UUID]:
    """Return the active endpoints that have something due."""
    with connection.cursor() as cursor:
        cursor.execute(DUE_ENDPOINTS, [now])
        return [pk for (pk,) in cursor.fetchall()]


def claim(counts: dict[UUID, int], *, now: dt.datetime) -> list[WebhookDelivery]:
    """Claim up to so many due deliveries of each endpoint. No other worker gets them until the lease ends."""
    if not counts:
        return []
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "endpoints": list(counts),
            "counts": list(counts.values()),
            "now": now,
            "lease": now + LEASE,
        }
        cursor.execute(CLAIM, given)
        ids = [pk for (pk,) in cursor.fetchall()]
    return list(WebhookDelivery.objects.filter(pk__in=ids).select_related("event", "endpoint").order_by("id"))


def release(deliveries: Iterable[WebhookDelivery], *, now: dt.datetime) -> None:
    """Make deliveries that were claimed and not attempted due again."""
    held = Q()
    for delivery in deliveries:
        held |= Q(pk=delivery.pk, due_at=delivery.due_at)
    if held:
        WebhookDelivery.objects.filter(held, status=Status.PENDING).update(due_at=now)


def record_outcomes(outcomes: list[Outcome], *, now: dt.datetime) -> None:
    """Log the attempts, move their deliveries on, and disable endpoints that are gone."""
    with transaction.atomic():
        known = set(
            WebhookDelivery.objects.select_for_update(no_key=True)
            .filter(pk__in=[outcome.delivery.pk for outcome in outcomes])
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        outcomes = [outcome for outcome in outcomes if outcome.delivery.pk in known]
        WebhookAttempt.objects.bulk_create(map(_as_attempt, outcomes))
        _move_on(outcomes, now)
        ending = _note_health(outcomes, now)
    for pk, reason in ending.items():
        _disable(pk, reason, now)


def _as_attempt(outcome: Outcome) -> WebhookAttempt:
    answer = outcome.answer
    return WebhookAttempt(
        delivery=outcome.delivery,
        occurred_at=outcome.at,
        url=outcome.url,
        response_status=answer.status,
        response_body=answer.body,
        error=answer.error,
        milliseconds=round(answer.seconds * 1000),
    )


def _move_on(outcomes: list[Outcome], now: dt.datetime) -> None:
    columns: dict[str, list] = {
        name: [] for name in ("ids", "leases", "statuses", "due", "finished", "responses", "errors")
    }
    for outcome in outcomes:
        delivery, answer = outcome.delivery, outcome.answer
        again = None if answer.is_success else next_attempt(delivery.attempts + 1, asked=answer.asked, now=now)
        ended = Status.DELIVERED if answer.is_success else Status.FAILED
        columns["ids"].append(delivery.pk)
        columns["leases"].append(delivery.due_at)
        columns["statuses"].append(str(Status.PENDING if again else ended))
        columns["due"].append(again or delivery.due_at)
        columns["finished"].append(None if again else now)
        columns["responses"].append(answer.status)
        columns["errors"].append(answer.error)
    with connection.cursor() as cursor:
        cursor.execute(RECORD, columns)


def _note_health(outcomes: list[Outcome], now: dt.datetime) -> dict[UUID, str]:
    """Note since when an endpoint has nothing but failures. Returns those to disable, with the reason."""
    succeeded = {outcome.delivery.endpoint_id for outcome in outcomes if outcome.answer.is_success}
    failed = {outcome.delivery.endpoint_id for outcome in outcomes if not outcome.answer.is_success} - succeeded
    gone = {outcome.delivery.endpoint_id for outcome in outcomes if outcome.answer.status == GONE}
    endpoints = WebhookEndpoint.objects.order_by("id")
    endpoints.filter(pk__in=succeeded).exclude(failing_since=None).update(failing_since=None)
    endpoints.filter(pk__in=failed, failing_since=None).update(failing_since=now)
    given_up = endpoints.filter(pk__in=failed, failing_since__lte=now - GIVE_UP_AFTER).values_list("pk", flat=True)
    return {**dict.fromkeys(given_up, Reason.FAILING), **dict.fromkeys(gone, Reason.GONE)}


def _disable(pk: UUID, reason: str, now: dt.datetime) -> None:
    endpoint = WebhookEndpoint.objects.filter(pk=pk, status=WebhookEndpoint.Status.ACTIVE).first()
    if endpoint is None:
        return
    try:
        disable_endpoint(endpoint, reason=reason, now=now)
    except Conflict:
        return  # a member or another worker did so meanwhile
