"""When a delivery is tried again."""

import datetime as dt
import email.utils
import random

RETRY_AFTER = [
    *(dt.timedelta(seconds=5), dt.timedelta(minutes=5), dt.timedelta(minutes=30)),
    *(dt.timedelta(hours=2), dt.timedelta(hours=5), dt.timedelta(hours=10), dt.timedelta(hours=10)),
]
MOST_ATTEMPTS = len(RETRY_AFTER) + 1
SPREAD = 0.1  # so that what failed together is not tried again together
MOST_ASKED = dt.timedelta(hours=24)  # that Retry-After can ask for


def next_attempt(attempts: int, *, asked: dt.timedelta | None, now: dt.datetime) -> dt.datetime | None:
    """Return when to try again after so many attempts; None if that was the last one.

    ``asked`` is what the receiver asked for with Retry-After: it delays the attempt, but never hastens it.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    usual = RETRY_AFTER[attempts - 1] * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311 - no secret
    return now + max(usual, min(asked, MOST_ASKED) if asked else usual)


def asked_delay(header: str, *, now: dt.datetime) -> dt.timedelta | None:
    """Return what a Retry-After header asks for, in seconds or as a date; None if it cannot be read."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return dt.timedelta(seconds=min(int(text[:9]), 999_999))
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((until if until.tzinfo else until.replace(tzinfo=dt.UTC)) - now, dt.timedelta(0))
