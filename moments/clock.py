"""The one clock: PostgreSQL's, so that no worker's or browser's clock ever decides about money."""

import datetime as dt

from django.db import connection


def now(shift: dt.timedelta = dt.timedelta(0)) -> dt.datetime:
    """The database's time, aware UTC, moved by ``shift`` (a sandbox organization's; zero for all that is live)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (instant,) = cursor.fetchone()
    return instant + shift
