"""The opt-in event for each credit."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Protocol

from outbox.service import record_events_of_type
from outbox.webhooks.endpoints import is_wanted
from rewards.models import PointEntry, PointsProgram

TYPE = "points.credited"
CREDITS = {PointEntry.Kind.CREDIT, PointEntry.Kind.ADJUSTMENT}


class Credit(Protocol):
    """A line of the ledger."""

    account: Any
    kind: str
    amount: int
    action: str


def announce_credits(program: PointsProgram, test_ledger: int, lines: Iterable[Credit], *, now: dt.datetime) -> None:
    """Record an event for each live credit, if an endpoint of the organization chose them."""
    credits = [line for line in lines if line.kind in CREDITS and line.amount > 0]
    if test_ledger or not credits or not is_wanted(program.organization_id, TYPE):
        return
    payloads = [
        {"user": line.account.app_user_id, "program": str(program.pk), "points": line.amount, "action": line.action}
        for line in credits
    ]
    record_events_of_type(program.organization_id, TYPE, payloads, now=now)
