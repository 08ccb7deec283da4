"""A crash between any two statements: nothing of the call is there, and its repeat does all of it once."""

import contextlib

import pytest
from django.db import connection, transaction

from outbox.models import Mail
from rewards.ledger.reconciliation import find_discrepancies
from rewards.models import PointAccount, PointEntry, PointEvent, PointEventEmail, PointExchange, Reward
from rewards.points import events
from rewards.points.balances import balance_of
from rewards.points.events import EventRequest, record_event
from rewards.points.exchanges import exchange_points
from rewards.points.reversals import reverse_event
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier

ROWS = (PointAccount, PointEvent, PointEventEmail, PointEntry, PointExchange, Reward, Mail)


class Crash(BaseException):
    """No code of ours catches it."""


class Undone(Exception):  # noqa: N818 - ends a try without a trace
    pass


@contextlib.contextmanager
def crash_at(number: int):
    """Instead of the statement with this number, the process is gone. What ends a savepoint is let through."""
    seen = []

    def wrapper(execute, sql, params, many, context):
        seen.append(sql)
        if len(seen) == number and not sql.startswith(("ROLLBACK", "RELEASE", "SAVEPOINT")):
            raise Crash
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield seen


def stored() -> list[list[tuple]]:
    return [list(rows.objects.order_by("pk").values_list()) for rows in ROWS]


def crashes(act) -> int:
    """Crash at every statement of ``act`` in turn, then do it; how many crashes there were. None leaves a trace."""
    before, number, crashed = stored(), 0, 0
    with contextlib.suppress(Undone), transaction.atomic(), crash_at(0) as seen:
        act()
        raise Undone
    while number < len(seen):
        number += 1
        with contextlib.suppress(Undone), transaction.atomic():
            with crash_at(number):
                try:
                    act()
                except Crash:
                    crashed += 1
                else:
                    raise Undone
            assert stored() == before, seen[number - 1]
    act()
    return crashed


@pytest.fixture
def ada(app, program, campaign, now):
    """Has 60 points; the next event reaches an automatic tier."""
    add_rule(program, action="level", points_per_event=60, daily_cap=1000, now=now)
    add_tier(program, points=100, group=campaign.groups.get(), is_automatic=True, now=now)
    record_event(app, EventRequest("e1", "ada", "level"), now=now)


@pytest.mark.slow
def test_an_event_and_its_automatic_exchange_are_one(app, program, ada, now):
    statements = crashes(
        lambda: record_event(app, EventRequest("e2", "ada", "level", email="ada@example.com"), now=now)
    )

    assert statements >= 20
    again = record_event(app, EventRequest("e2", "ada", "level"), now=now)
    assert again.is_replay and len(again.exchanged) == 1 and again.available == 20
    assert Reward.objects.count() == 1 and find_discrepancies() == []


@pytest.mark.slow
def test_an_exchange_debits_and_issues_or_does_nothing(app, program, campaign, ada, now):
    tier = add_tier(program, points=50, group=campaign.groups.get(), now=now)

    def act():
        return exchange_points(app, app_user_id="ada", tier=tier, idempotency_key="x", now=now)

    assert crashes(act) >= 10
    assert act().is_replay and balance_of(program, "ada", now=now).available == 10
    assert Reward.objects.count() == 1 and find_discrepancies() == []


@pytest.mark.slow
def test_a_reversal_is_whole_or_not_there(app, program, ada, now):
    assert crashes(lambda: reverse_event(app, "e1", now=now)) >= 8

    assert reverse_event(app, "e1", now=now).is_replay
    assert balance_of(program, "ada", now=now).available == 0 and find_discrepancies() == []


def test_control_without_a_transaction_points_are_there_and_their_reward_is_not(app, program, ada, now, monkeypatch):
    monkeypatch.setattr(events.transaction, "atomic", contextlib.nullcontext)

    def dies(*args, **kwargs):
        raise Crash

    monkeypatch.setattr(events, "exchange_automatically", dies)
    with pytest.raises(Crash):
        record_event(app, EventRequest("e2", "ada", "level"), now=now)

    assert balance_of(program, "ada", now=now).available == 120 and not Reward.objects.exists()
