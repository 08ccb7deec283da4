"""Tiers and statuses: once or repeatable, edited and retired, with a status, and what they could cost."""

import datetime as dt

import pytest

from moments.errors import RuleViolation
from rewards.models import PointExchange, PointStatus, Reward
from rewards.points.adjustments import adjust_points
from rewards.points.balances import user_points
from rewards.points.events import EventRequest, record_event
from rewards.points.exchanges import exchange_points
from rewards.points.setup.rule_editor import add_rule, add_status, edit_status
from rewards.points.setup.tiers import add_tier, edit_tier, forecast, liability_cents, retire_tier
from rewards.points.statuses import status_on
from tests import make


@pytest.fixture
def group(campaign):
    return campaign.groups.get()


@pytest.fixture
def ada(program, now):
    """Has 250 points."""
    adjust_points(program, app_user_id="ada", points=250, reason="x", idempotency_key="k", now=now)


def exchange(app, tier, now, key: str = "x"):
    return exchange_points(app, app_user_id="ada", tier=tier, idempotency_key=key, now=now)


def test_a_tier_can_be_exchanged_again_unless_it_is_for_once(app, program, group, ada, now):
    repeatable = add_tier(program, points=50, group=group, now=now)
    once = add_tier(program, points=20, group=group, is_once=True, now=now)

    assert [exchange(app, repeatable, now, key).available for key in "ab"] == [200, 150]
    assert exchange(app, once, now, "c").available == 130
    with pytest.raises(RuleViolation) as caught:
        exchange(app, once, now, "d")

    assert caught.value.code == "tier_used"
    assert PointExchange.objects.count() == Reward.objects.count() == 3
    shown = {row.tier.pk: row.can_exchange for row in user_points(program, "ada", now=now).tiers}
    assert shown == {repeatable.pk: True, once.pk: False}


def test_a_key_belongs_to_one_exchange(app, program, group, ada, now):
    first, second = (add_tier(program, points=points, group=group, now=now) for points in (50, 60))
    exchange(app, first, now)

    with pytest.raises(RuleViolation) as caught:
        exchange(app, second, now)

    assert caught.value.code == "idempotency_key_reused" and Reward.objects.count() == 1


def test_a_retired_tier_is_unknown_and_its_points_are_free(app, program, group, ada, now):
    tier = add_tier(program, points=50, group=group, now=now)
    retire_tier(tier, now=now)

    with pytest.raises(RuleViolation) as caught:
        exchange(app, tier, now)

    assert caught.value.code == "unknown_tier" and not Reward.objects.exists()
    assert add_tier(program, points=50, group=group, now=now).pk != tier.pk
    with pytest.raises(RuleViolation) as caught:
        add_tier(program, points=50, group=group, now=now)
    assert caught.value.code == "tier_taken"


def test_a_tier_that_becomes_automatic_leaves_old_balances_alone(app, program, group, ada, now):
    tier = add_tier(program, points=100, group=group, now=now)
    add_rule(program, action="walk", points_per_event=60, now=now)

    edit_tier(tier, is_automatic=True, now=now)
    first = record_event(app, EventRequest("e1", "ada", "walk"), now=now)
    second = record_event(app, EventRequest("e2", "ada", "walk"), now=now)

    assert (len(first.exchanged), len(second.exchanged), second.available) == (0, 1, 270)
    edit_tier(tier, includes_old_balances=True, now=now)
    third = record_event(app, EventRequest("e3", "ada", "walk"), now=now)
    assert (len(third.exchanged), third.available) == (3, 30)


def test_pending_points_of_before_are_old_balance(app, program, group, now):
    add_rule(program, action="walk", points_per_event=100, pending_days=1, now=now)
    add_rule(program, action="run", points_per_event=1, now=now)
    record_event(app, EventRequest("e1", "ada", "walk"), now=now)
    add_tier(program, points=100, group=group, is_automatic=True, now=now)

    later = now + dt.timedelta(days=3)
    result = record_event(app, EventRequest("e2", "ada", "run"), now=later)

    assert (result.exchanged, result.available) == ((), 101)


def test_a_tier_may_need_a_status(app, program, group, ada, now):
    gold = add_status(program, name="Gold", threshold=100, period_days=30, now=now)
    add_rule(program, action="walk", points_per_event=100, now=now)
    tier = add_tier(program, points=50, group=group, status=gold, now=now)

    with pytest.raises(RuleViolation) as caught:
        exchange(app, tier, now)
    assert caught.value.code == "status_needed" and not Reward.objects.exists()

    record_event(app, EventRequest("e1", "ada", "walk"), now=now)
    assert exchange(app, tier, now).available == 300
    edit_status(gold, threshold=101, now=now)
    assert [row.can_exchange for row in user_points(program, "ada", now=now).tiers] == [False]


def test_what_a_tier_could_cost_is_known_before_it_is_saved(program, group, ada, now):
    adjust_points(program, app_user_id="bob", points=60, reason="x", idempotency_key="l", now=now)

    found = forecast(program, points=100, group=group)

    assert (found.users, found.exchanges, found.cost_cents) == (1, 2, 5500)
    assert (found.outstanding_points, found.liability_cents) == (310, 310 * 2750 // 100)
    assert liability_cents(program, 310) == 0
    add_tier(program, points=200, group=group, now=now)
    assert liability_cents(program, 310) == 310 * 2750 // 200


def test_a_tier_for_once_costs_one_reward_for_each_user_who_has_not_had_it(app, program, group, ada, now):
    adjust_points(program, app_user_id="bob", points=160, reason="x", idempotency_key="l", now=now)
    assert forecast(program, points=50, group=group, is_once=True).exchanges == 2
    tier = add_tier(program, points=50, group=group, is_once=True, now=now)
    exchange(app, tier, now)

    found = forecast(program, points=50, group=group, is_once=True, instead_of=tier)

    assert (found.users, found.exchanges, found.cost_cents) == (2, 1, 2750)


def test_an_edited_tier_counts_with_its_new_rate_alone(program, group, ada, now):
    tier = add_tier(program, points=10, group=group, now=now)
    add_tier(program, points=200, group=group, now=now)

    found = forecast(program, points=100, group=group, instead_of=tier)

    assert found.liability_cents == 250 * 2750 // 100


def test_another_organizations_group_is_unknown(program, now):
    theirs = make.campaign().groups.get()

    with pytest.raises(RuleViolation) as caught:
        add_tier(program, points=100, group=theirs, now=now)

    assert caught.value.code == "unknown_reward_group" and not program.tiers.exists()


def test_a_status_counts_a_rolling_period_and_its_grace():
    first = dt.date(2027, 5, 1)
    silver = PointStatus(name="Silver", threshold=50, period_days=10, grace_days=5)
    gold = PointStatus(name="Gold", threshold=100, period_days=10)
    daily = {first: 60, first + dt.timedelta(days=4): 40}

    def name(days: int) -> str:
        found = status_on(first + dt.timedelta(days=days), daily, [gold, silver])
        return found.name if found else ""

    assert [name(day) for day in (-1, 0, 4, 9, 10, 14, 15)] == ["", "Silver", "Gold", "Gold", "Silver", "Silver", ""]
