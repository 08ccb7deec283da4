"""The statements of a posting. Each takes any number of rows and is executed once, or not at all for none."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

KNOWN = """
SELECT app_user_id FROM rewards_pointaccount
WHERE program_id = %(program)s AND test_ledger = %(ledger)s AND app_user_id = ANY(%(users)s::text[])
"""
# New accounts in the order of their users, before any is locked, so that two calls never wait for each other.
MISSING = """
INSERT INTO rewards_pointaccount (program_id, app_user_id, test_ledger, available, pending, owed, settled_at)
SELECT %(program)s, name, %(ledger)s, 0, 0, 0, %(now)s
FROM unnest(%(users)s::text[]) WITH ORDINALITY AS missing (name, number) ORDER BY number
ON CONFLICT DO NOTHING RETURNING app_user_id
"""
LOCK = """
SELECT id, app_user_id, available, pending, owed, settled_at, due_at FROM rewards_pointaccount
WHERE program_id = %(program)s AND test_ledger = %(ledger)s AND app_user_id = ANY(%(users)s::text[])
ORDER BY id FOR NO KEY UPDATE
"""
OPEN = """
SELECT b.account_id, b.id, b.vintage, b.available_at, b.expires_at, b.remaining, b.expired, b.lapsed
FROM rewards_pointbatch b JOIN rewards_pointaccount a ON a.id = b.account_id
WHERE b.account_id = ANY(%(accounts)s::bigint[]) AND b.remaining > 0
"""
DUE = " AND (b.expires_at <= %(now)s OR (b.available_at <= %(now)s AND b.available_at > a.settled_at))"
ONE = """
SELECT id, vintage, available_at, expires_at, remaining, expired, lapsed FROM rewards_pointbatch WHERE id = %s
"""
UPSERT = """
INSERT INTO rewards_pointbatch AS kept
    (account_id, vintage, available_at, expires_at, original, remaining, expired, lapsed)
SELECT account, vintage, available, expires, credited, credited - repaid - expired, expired, 0
FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS new (account, vintage, available, expires, credited, repaid, expired)
ORDER BY account, vintage, available, expires
ON CONFLICT (account_id, vintage, available_at, expires_at) DO UPDATE SET
    original = kept.original + excluded.original, remaining = kept.remaining + excluded.remaining,
    expired = kept.expired + excluded.expired
RETURNING id, expired, account_id, vintage, available_at, expires_at
"""
UPDATE = """
UPDATE rewards_pointbatch b SET remaining = new.remaining, expired = new.expired, lapsed = new.lapsed
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS new (id, remaining, expired, lapsed)
WHERE b.id = new.id
"""
ENTRIES = """
INSERT INTO rewards_pointentry (account_id, kind, amount, reference, batch_id, event_id, action, reason, actor_id,
    occurred_at, recorded_at)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[],
    %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
"""
ALLOCATIONS = """
INSERT INTO rewards_pointallocation (entry_id, batch_id, amount, recorded_at)
SELECT entry, batch, amount, %s FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS new (entry, batch, amount)
"""
# When the next batch becomes available or expires, for accounts whose batches have changed.
ACCOUNTS = """
UPDATE rewards_pointaccount a SET available = new.available, pending = new.pending, owed = new.owed,
    settled_at = new.settled_at, due_at = CASE WHEN new.is_rescheduled THEN (
        SELECT min(least(CASE WHEN b.available_at > new.settled_at THEN b.available_at END, b.expires_at))
        FROM rewards_pointbatch b WHERE b.account_id = a.id AND b.remaining > 0) ELSE new.due_at END
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::boolean[])
    AS new (id, available, pending, owed, settled_at, due_at, is_rescheduled)
WHERE a.id = new.id
"""
TOTALS = """
INSERT INTO rewards_pointdailytotals AS kept
    (program_id, day, credited, spent, expired, reversed, adjusted, members)
VALUES (%(program)s, %(day)s, %(credited)s, %(spent)s, %(expired)s, %(reversed)s, %(adjusted)s, %(members)s)
ON CONFLICT (program_id, day) DO UPDATE SET
    credited = kept.credited + excluded.credited, spent = kept.spent + excluded.spent,
    expired = kept.expired + excluded.expired, reversed = kept.reversed + excluded.reversed,
    adjusted = kept.adjusted + excluded.adjusted, members = kept.members + excluded.members
"""
TOTALED = ("credited", "spent", "expired", "reversed", "adjusted", "members")


def lock_accounts(
    program: uuid.UUID, test_ledger: int, users: Sequence[str], now: dt.datetime
) -> tuple[list[tuple], set[str]]:
    """The rows in the order of their ids, locked; and who was new."""
    if not users:
        return [], set()
    values = {"program": program, "ledger": test_ledger, "users": list(users), "now": now}
    known = {user for (user,) in _fetch(KNOWN, values)}
    missing = [user for user in users if user not in known]
    created = {user for (user,) in _fetch(MISSING, {**values, "users": missing})} if missing else set()
    return _fetch(LOCK, values), created


def load_open_batches(accounts: Sequence[int], due_by: dt.datetime | None) -> list[tuple]:
    return _fetch(OPEN + (DUE if due_by else ""), {"accounts": list(accounts), "now": due_by})


def load_batch(pk: int) -> tuple:
    return _fetch(ONE, [pk])[0]


def upsert_batches(rows: Sequence[tuple]) -> list[tuple]:
    return _fetch(UPSERT, _columns(rows)) if rows else []


def update_batches(rows: Sequence[tuple]) -> None:
    if rows:
        _execute(UPDATE, _columns(sorted(rows)))


def insert_entries(rows: Sequence[tuple], *, wanted: bool) -> dict[str, int]:
    """The entries' ids by reference, where they are ``wanted``."""
    if not rows:
        return {}
    if wanted:
        return dict(_fetch(ENTRIES + "RETURNING reference, id", _columns(rows)))
    _execute(ENTRIES, _columns(rows))
    return {}


def insert_allocations(rows: Sequence[tuple], now: dt.datetime) -> None:
    if rows:
        _execute(ALLOCATIONS, [now, *_columns(rows)])


def update_accounts(accounts: Sequence[Any]) -> None:
    """Accounts whose exchanges are missing are due as of now."""
    rows = [
        (one.pk, one.available, one.pending, one.owed, one.settled_at)
        + ((one.settled_at, False) if one.is_unexchanged else (one.due_at, one.is_rescheduled))
        for one in accounts
    ]
    if rows:
        _execute(ACCOUNTS, _columns(rows))


def add_totals(program: uuid.UUID, day: dt.date, totals: Mapping[str, int]) -> None:
    _execute(TOTALS, {"program": program, "day": day, **{name: totals.get(name, 0) for name in TOTALED}})


def _columns(rows: Sequence[tuple]) -> list[list]:
    return [list(column) for column in zip(*rows, strict=True)]


def _execute(statement: str, values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _fetch(statement: str, values: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
