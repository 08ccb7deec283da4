"""Who is alive: workers and the scheduler leave word in PostgreSQL, and how far their clocks are from its clock."""

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
FORGOTTEN_AFTER = dt.timedelta(days=1)  # hosts that are no more
MOST_SKEW = dt.timedelta(seconds=2)

NOTE = """
INSERT INTO outbox_heartbeat AS heart (kind, host, last_seen_at, skew_ms) VALUES (%s, %s, clock_timestamp(), %s)
ON CONFLICT (kind, host) DO UPDATE SET last_seen_at = excluded.last_seen_at, skew_ms = excluded.skew_ms
"""


def record_heartbeat(kind: str) -> dt.timedelta:
    """This host's ``kind`` lives. How far its clock is ahead of the database's."""
    skew = clock_skew()
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [kind, socket.gethostname(), round(skew / dt.timedelta(milliseconds=1))])
    if abs(skew) > MOST_SKEW:
        logger.error("The clock of %s is %.1f s off the database's.", socket.gethostname(), skew.total_seconds())
    return skew


def clock_skew() -> dt.timedelta:
    """This machine's clock less the database's, to within half a round trip."""
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (there,) = cursor.fetchone()
        after = time.time()
    return dt.timedelta(seconds=(before + after) / 2 - there)


def start_heart() -> threading.Thread:
    """A thread that notes this worker for as long as its process lives."""
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
    """Mail operators that the scheduler is gone, once a day. A worker does: the other alarms are the scheduler's to ask
    for. One that has just begun (``since``) gives the scheduler time to begin as well.
    """
    if now < since + SILENT_AFTER or "beat" not in silent(now):
        return
    subject = _("The scheduler has not been heard of for 2 minutes")
    text = _("Nothing is swept, opened, expired or checked until it runs again.\n\n%s")
    page = absolute("admin:outbox_heartbeat_changelist")
    notify_operators(subject, text % page, dedupe_key=f"alarm:beat_silent:{now.date()}", now=now)


def silent(now: dt.datetime) -> list[str]:
    """Of worker and beat those that no host has been heard of for two minutes."""
    heard = Heartbeat.objects.filter(last_seen_at__gt=now - SILENT_AFTER).values_list("kind", flat=True)
    return sorted({"worker", "beat"} - set(heard))


def skewed(now: dt.datetime) -> list[Heartbeat]:
    """Hosts whose clocks are more than two seconds off."""
    recent = Heartbeat.objects.filter(last_seen_at__gt=now - SILENT_AFTER)
    most = MOST_SKEW / dt.timedelta(milliseconds=1)
    return [heart for heart in recent if abs(heart.skew_ms) > most]


def forget_gone(*, now: dt.datetime) -> None:
    Heartbeat.objects.filter(last_seen_at__lte=now - FORGOTTEN_AFTER).delete()
