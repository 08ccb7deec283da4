"""Heartbeats of workers and the scheduler in PostgreSQL, with the offset of their clocks."""

import datetime as dt
import logging
import socket
import threading
import time

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from moments import clock
from moments.db.deadlines import within_deadline
from moments.integrations.circuit_breaker import CircuitBreaker
from moments.registry import absolute
from outbox.models import Heartbeat
from outbox.service import notify_operators

logger = logging.getLogger(__name__)

EVERY = 20  # seconds
SILENT_AFTER = dt.timedelta(minutes=2)
database_gone = CircuitBreaker(cooldown=0, name="PostgreSQL", meanwhile="This worker leaves no word that it lives.")
FORGOTTEN_AFTER = dt.timedelta(days=1)  # hosts that no longer exist
MOST_SKEW = dt.timedelta(seconds=2)

NOTE = """
INSERT INTO outbox_heartbeat AS heart (kind, host, last_seen_at, skew_ms) VALUES (%s, %s, clock_timestamp(), %s)
ON CONFLICT (kind, host) DO UPDATE SET last_seen_at = excluded.last_seen_at, skew_ms = excluded.skew_ms
"""


def record_heartbeat(kind: str) -> dt.timedelta:
    """Record that this host's ``kind`` is alive. Returns how far its clock is ahead of the database's."""
    skew = clock_skew()
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [kind, socket.gethostname(), round(skew / dt.timedelta(milliseconds=1))])
    if abs(skew) > MOST_SKEW:
        logger.error("The clock of %s is %.1f s off the database's.", socket.gethostname(), skew.total_seconds())
    return skew


def clock_skew() -> dt.timedelta:
    """Return this machine's clock minus the database's, accurate to half a round trip."""
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (there,) = cursor.fetchone()
        after = time.time()
    return dt.timedelta(seconds=(before + after) / 2 - there)


def start_heart() -> threading.Thread:
    """Start a thread that records this worker's heartbeat as long as the process lives."""
    thread = threading.Thread(target=_beat_for_ever, daemon=True, name="heart")
    thread.start()
    return thread


def _beat_for_ever() -> None:
    started = clock.now()
    while True:
        try:
            with within_deadline(EVERY):
                record_heartbeat("worker")
                notify_operators_of_silent_scheduler(since=started, now=clock.now())
            database_gone.close()
        except DatabaseError as error:
            database_gone.trip(error)
            connection.close()
        time.sleep(EVERY)


def notify_operators_of_silent_scheduler(*, since: dt.datetime, now: dt.datetime) -> None:
    """Notify operators, once a day, that the scheduler is down. Workers do so, because the scheduler triggers all other
    alarms. A worker that started at ``since`` waits for two minutes.
    """
    if now < since + SILENT_AFTER or "beat" not in silent(now):
        return
    subject = _("The scheduler has not been heard of for 2 minutes")
    text = _("Nothing is swept, opened, expired or checked until it runs again.\n\n%s")
    page = absolute("admin:outbox_heartbeat_changelist")
    notify_operators(subject, text % page, dedupe_key=f"alarm:beat_silent:{now.date()}", now=now)


def silent(now: dt.datetime) -> list[str]:
    """Return which of worker and beat no host has reported for two minutes."""
    heard = Heartbeat.objects.filter(last_seen_at__gt=now - SILENT_AFTER).values_list("kind", flat=True)
    return sorted({"worker", "beat"} - set(heard))


def skewed(now: dt.datetime) -> list[Heartbeat]:
    """Return the heartbeats of hosts whose clocks are more than two seconds off."""
    recent = Heartbeat.objects.filter(last_seen_at__gt=now - SILENT_AFTER)
    most = MOST_SKEW / dt.timedelta(milliseconds=1)
    return [heart for heart in recent if abs(heart.skew_ms) > most]


def forget_gone(*, now: dt.datetime) -> None:
    Heartbeat.objects.filter(last_seen_at__lte=now - FORGOTTEN_AFTER).delete()
