"""The statements of a call of events. Each takes any number of rows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from accounts.models import App
from rewards.issuing.service import IssueResult
from rewards.models import PointExchange
from rewards.points.exchanges import issued_again

FIND = """
SELECT e.event_id, e.id, e.fingerprint, e.points, b.available_at
FROM rewards_pointevent e LEFT JOIN rewards_pointentry l ON l.reference = 'event:' || e.id
    LEFT JOIN rewards_pointbatch b ON b.id = l.batch_id
WHERE e.app_id = %s AND e.test_ledger = %s AND e.event_id = ANY(%s::text[])
"""
# In the order of their ids, so that two calls with the same events never wait for each other in a circle.
INSERT = """
INSERT INTO rewards_pointevent (app_id, test_ledger, received_at, event_id, account_id, action, category, quantity,
    amount_minor, currency, fingerprint, rule_version_id, points, occurred_at)
SELECT %s, %s, %s, new.* FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::int[], %s::bigint[],
    %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[])
    AS new (event_id, account, action, category, quantity, amount, currency, fingerprint, version, points, occurred)
ON CONFLICT (app_id, event_id, test_ledger) DO NOTHING RETURNING event_id, id
"""
SEEN = """
SELECT account_id, bool_or(app_id = %s) FROM rewards_pointappuser WHERE account_id = ANY(%s::bigint[]) GROUP BY 1
"""
STATUSES = """
UPDATE rewards_pointaccount a SET status_id = new.status
FROM unnest(%s::bigint[], %s::bigint[]) AS new (id, status)
WHERE a.id = new.id AND a.status_id IS DISTINCT FROM new.status
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """An event of an earlier call. ``available_at`` is that of its points."""

    pk: int
    fingerprint: str
    points: int
    available_at: dt.datetime | None


def find(app: App, test_ledger: int, event_ids: Sequence[str]) -> dict[str, Stored]:
    with connection.cursor() as cursor:
        cursor.execute(FIND, [app.pk, test_ledger, list(event_ids)])
        return {event_id: Stored(*rest) for event_id, *rest in cursor.fetchall()}


def insert(app: App, test_ledger: int, rows: Sequence[tuple], now: dt.datetime) -> dict[str, int]:
    """The new rows' ids; those that another call stored first are missing."""
    columns = [list(column) for column in zip(*sorted(rows), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [app.pk, test_ledger, now, *columns])
        return dict(cursor.fetchall())


def set_statuses(statuses: Mapping[int, int | None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(STATUSES, [list(statuses), list(statuses.values())])


def apps_seen(app: App, account_ids: Sequence[int]) -> dict[int, bool]:
    """Whether the program has seen these accounts in ``app``; without those that it has seen nowhere."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [app.pk, list(account_ids)])
        return dict(cursor.fetchall())


def exchanged_by(event_pks: Sequence[int]) -> dict[int, tuple[IssueResult, ...]]:
    """The rewards of automatic exchanges that these events caused: the same at every repeat."""
    found: dict[int, list[IssueResult]] = defaultdict(list)
    done = PointExchange.objects.filter(event__in=event_pks, is_automatic=True).order_by("pk")
    related = ("reward__campaign__banner", "reward__group", "tier__moment__campaign", "tier__group", "app", "account")
    for exchange in done.select_related(*related):
        if exchange.event_id is not None:
            found[exchange.event_id].append(issued_again(exchange))
    return {pk: tuple(rows) for pk, rows in found.items()}
