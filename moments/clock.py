"""The current time, taken from PostgreSQL so that no worker's clock affects money."""

import datetime as dt

from django.db import connection


def now(shift: dt.timedelta = dt.timedelta(0)) -> dt.datetime:
    """Return the database's time as aware UTC, shifted by ``shift`` (for sandbox organizations; zero for live ones)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (instant,) = cursor.fetchone()
    return instant + shift
