"""The step between an event and its deliveries: each event gets its number, and a row for each endpoint that wants it.

One dispatcher at a time, under an advisory lock, sees committed events only. It numbers them in the order in which it
sees them, so that an event that commits late gets a later number and no reader has passed it yet.
"""

import datetime as dt

from django.db import connection, transaction

from outbox.kinds import OPT_IN_EVENTS, PING

LOCK = 0x6D6F6D77
TAKE_LOCK = "SELECT pg_try_advisory_xact_lock(%s)"  # held until the commit, so that numbers become visible in order
MOST_AT_ONCE = 1000

NUMBER = """
WITH fresh AS (
    SELECT id, organization_id FROM outbox_event WHERE sequence IS NULL ORDER BY id LIMIT %s
), numbered AS (
    SELECT id, organization_id, row_number() OVER (PARTITION BY organization_id ORDER BY id) AS place FROM fresh
), last AS (
    SELECT found.organization_id, coalesce((
        SELECT max(sequence) FROM outbox_event known WHERE known.organization_id = found.organization_id
    ), 0) AS sequence
    FROM (SELECT DISTINCT organization_id FROM fresh) AS found
)
UPDATE outbox_event SET sequence = last.sequence + numbered.place
FROM numbered JOIN last USING (organization_id)
WHERE outbox_event.id = numbered.id
RETURNING outbox_event.id
"""
DELIVERIES = """
INSERT INTO outbox_webhookdelivery
    (event_id, endpoint_id, organization_id, status, attempts, due_at, last_error, created_at)
SELECT event.id, endpoint.id, event.organization_id, 'pending', 0, %(now)s, '', %(now)s
FROM outbox_event event
JOIN outbox_webhookendpoint endpoint
    ON endpoint.organization_id = event.organization_id AND endpoint.status = 'active'
WHERE event.id = ANY(%(events)s) AND CASE
    WHEN event.type = %(ping)s THEN event.payload->>'endpoint' = endpoint.id::text
    WHEN endpoint.event_types = '{}' THEN event.type <> ALL(%(opt_in)s)
    ELSE event.type = ANY(endpoint.event_types) END
ORDER BY event.organization_id, event.sequence
ON CONFLICT (event_id, endpoint_id) DO NOTHING
"""


def dispatch_events(*, now: dt.datetime) -> int:
    """Number new events and create their deliveries. Returns how many events, at most 1,000.

    Returns 0 if another process dispatches at this time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM outbox_event WHERE sequence IS NULL)")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(TAKE_LOCK, [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(NUMBER, [MOST_AT_ONCE])  # a statement of its own: it sees what was committed until now
        events = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(DELIVERIES, {"events": events, "now": now, "ping": PING, "opt_in": sorted(OPT_IN_EVENTS)})
    return len(events)
