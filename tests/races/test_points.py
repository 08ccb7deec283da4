"""Points under 64 callers at once; each beside a control that breaks without the guard."""

from collections import Counter
from decimal import Decimal

import pytest

from moments import clock
from moments.errors import Conflict
from rewards.ledger.reconciliation import find_discrepancies
from rewards.models import PointAccount, PointBatch, PointEntry, PointEvent, PointExchange, Reward
from rewards.points import ledger_sql
from rewards.points.adjustments import adjust_points
from rewards.points.events import EventRequest, record_event, record_events
from rewards.points.exchanges import exchange_points
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import (
    add_multiplier,
    add_rule,
    add_status,
    edit_multiplier,
    edit_rule,
    edit_status,
)
from rewards.points.setup.stale_edits import state_of
from rewards.points.setup.tiers import add_tier, edit_tier
from tests import make
from tests.harness.owner import owner
from tests.races.crowd import rush
from tests.races.test_issuing import CROWD, outcomes

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
FITS = 10  # exchanges that the balance allows


@pytest.fixture
def world():
    """The campaign, its program, and a tier; ada has points for ten exchanges."""
    campaign, now = make.campaign(), clock.now()
    member = campaign.organization.members.get()
    program = create_program(member, name="Stars", time_zone="UTC", apps=[campaign.app], now=now)
    add_rule(program, action="walk", points_per_event=10, daily_cap=100, now=now)
    tier = add_tier(program, points=100, group=campaign.groups.get(), now=now)
    points = FITS * tier.points + 99
    adjust_points(program, app_user_id="ada", points=points, reason="x", idempotency_key="k", now=now)
    return campaign, program, tier


def exchange(campaign, tier, key: str):
    return exchange_points(campaign.app, app_user_id="ada", tier=tier, idempotency_key=key, now=clock.now())


def test_the_same_points_are_exchanged_once(world):
    campaign, _program, tier = world

    results = rush(CROWD, lambda number: exchange(campaign, tier, f"key-{number}"))

    assert outcomes(results) == {"issued": FITS, "insufficient_points": CROWD - FITS}
    assert PointAccount.objects.get().available == 99
    assert Reward.objects.count() == PointExchange.objects.count() == FITS
    assert find_discrepancies() == []


@pytest.fixture
def unguarded(monkeypatch):
    """The ledger without the lock of an account, and without its checks."""
    monkeypatch.setattr(ledger_sql, "LOCK", ledger_sql.LOCK.replace("FOR NO KEY UPDATE", ""))
    checks = [
        ("rewards_pointaccount", "point_account_not_negative"),
        ("rewards_pointbatch", "point_batch_within_original"),
    ]
    definitions = []
    with owner() as cursor:
        for table, name in checks:
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
            definitions.append((table, name, cursor.fetchone()[0]))
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    with owner(is_guarded=False) as cursor:
        cursor.execute("TRUNCATE rewards_pointsprogram CASCADE")
        for table, name, definition in definitions:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def test_control_without_the_lock_points_are_exchanged_twice(world, unguarded, numbers):
    campaign, _program, tier = world

    results = rush(CROWD, lambda number: exchange(campaign, tier, f"key-{number}"))

    issued = outcomes(results)["issued"]
    numbers("control: points without their lock", calls=CROWD, fit=FITS, issued=issued)
    assert issued > FITS


def test_one_key_is_one_exchange(world):
    campaign, _program, tier = world

    results = rush(CROWD, lambda _number: exchange(campaign, tier, "one"))

    assert outcomes(results) == {"issued": 1, "replay": CROWD - 1}
    assert len({result.url for result in results}) == Reward.objects.count() == 1


@pytest.fixture
def editable(world):
    """A rule, a multiplier, a tier, and a status, each with how to edit it."""
    _campaign, program, tier = world
    now = clock.now()
    rule = program.rules.get()
    gold = add_status(program, name="Gold", threshold=100, period_days=30, now=now)
    double = add_multiplier(program, name="Double", factor=Decimal(2), starts_at=now, now=now)
    return [
        (rule, lambda number, opened: edit_rule(rule, points_per_event=number + 1, opened=opened, now=now)),
        (tier, lambda number, opened: edit_tier(tier, points=number + 1, opened=opened, now=now)),
        (gold, lambda number, opened: edit_status(gold, threshold=number + 1, opened=opened, now=now)),
        (
            double,
            lambda number, opened: edit_multiplier(
                double, name="x", factor=Decimal(number + 3), starts_at=now, opened=opened, now=now
            ),
        ),
    ]


def test_of_members_who_edit_one_thing_at_once_one_saves(editable):
    for row, edit in editable:
        opened = state_of(row)
        results = rush(8, lambda number, edit=edit, opened=opened: edit(number, opened))
        assert Counter(map(type, results)) == {type(None): 1, Conflict: 7}, row


def test_control_without_what_they_opened_every_edit_overwrites_another(editable):
    for row, edit in editable:
        results = rush(8, lambda number, edit=edit: edit(number, None))
        assert results == [None] * 8, row


def test_one_event_counts_once_and_a_cap_holds(world):
    campaign, program, _tier = world

    def report(number: int):
        event = EventRequest(f"e{number // 4}", "bob", "walk")
        return record_event(campaign.app, event, now=clock.now())

    results = rush(CROWD, report)

    assert Counter(result.status for result in results) == {"counted": 16, "replayed": 48}
    assert PointEvent.objects.count() == 16
    assert program.accounts.get(app_user_id="bob").available == 100
    assert PointEntry.objects.filter(account__app_user_id="bob").count() == 10
    assert find_discrepancies() == []


def test_batches_with_the_same_users_and_events_in_any_order_never_block_each_other(world):
    campaign, _program, _tier = world
    asked = [EventRequest(f"e{number}", f"user-{number % 20}", "walk") for number in range(60)]

    def report(number: int):
        turned = asked[number:] + asked[:number]
        return record_events(campaign.app, turned if number % 2 else turned[::-1], now=clock.now())

    results = rush(16, report)

    assert all(isinstance(result, list) for result in results), results
    counted = Counter(row.event_id for result in results for row in result if row.status == "counted")
    assert set(counted.values()) == {1} and len(counted) == 60
    assert PointBatch.objects.filter(account__app_user_id="user-0").get().remaining == 30
    assert find_discrepancies() == []
