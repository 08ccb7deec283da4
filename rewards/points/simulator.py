"""What events would earn, and why, with nothing written: the rule editor's simulator."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from moments.errors import RuleViolation
from rewards.models import PointAccount, PointsProgram
from rewards.points.events import EventRequest, refuse_bad_time
from rewards.points.judging import Judging
from rewards.points.lookups import LIVE, refuse_blank
from rewards.points.rulebook import Rulebook
from rewards.points.rules import Verdict


@dataclass(frozen=True)
class Simulated:
    """One event: its verdict, or why it would be refused.

    ``verdict`` has the rule's version, points before and after multipliers, the cap that cut them, the reason as one
    of ``rules.Reason``, and when the points become available and expire.
    """

    event: EventRequest
    verdict: Verdict | None = None
    refusal: RuleViolation | None = None


def simulate(program: PointsProgram, events: Sequence[EventRequest], *, now: dt.datetime) -> list[Simulated]:
    """Judge ``events`` in their order, for users as they are now. Each uses up caps for those that follow, as in a
    call; event ids are not looked at."""
    rulebook = Rulebook(program, {event.action for event in events}, now=now)
    users = {event.app_user_id for event in events}
    found = PointAccount.objects.filter(program=program, test_ledger=LIVE, app_user_id__in=users)
    accounts = dict(found.values_list("app_user_id", "pk"))
    strangers = {user: -number for number, user in enumerate(sorted(users - set(accounts)), start=1)}
    judging = Judging(rulebook, list(accounts.values()), now=now)
    return [_simulated(event, rulebook, judging, accounts | strangers, now) for event in events]


def _simulated(
    event: EventRequest, rulebook: Rulebook, judging: Judging, accounts: dict[str, int], now: dt.datetime
) -> Simulated:
    event = replace(event, occurred_at=event.occurred_at or now)
    try:
        refuse_blank(user_id=event.app_user_id, action=event.action)
        refuse_bad_time(event, now=now)
        rulebook.refuse_unknown(event.occurrence(now))
    except RuleViolation as refusal:
        return Simulated(event, refusal=refusal)
    return Simulated(event, judging.judge(accounts[event.app_user_id], event.occurrence(now)))
