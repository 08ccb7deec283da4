"""Points: credited once, capped, exchanged in one transaction; one event or many."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.approval.transitions import take_down
from moments.errors import RuleViolation
from rewards.ledger.reconciliation import reconcile
from rewards.models import APP_FIRST_SEEN, PointAccount, PointEntry, PointEvent, PointExchange, Reward
from rewards.points import exchanges
from rewards.points.balances import balance_of
from rewards.points.events import EventRequest, record_event, record_events
from rewards.points.setup.programs import clear_test_ledger, create_program, join_app, leave_app
from rewards.points.setup.rule_editor import add_rule, delete_rule, edit_rule, pause_rule
from rewards.points.setup.tiers import add_tier
from tests import make


@pytest.fixture
def program(campaign, now):
    member = campaign.organization.members.get()
    made = create_program(member, name="Stars", time_zone="Europe/Berlin", apps=[campaign.app], now=now)
    add_rule(made, action="level", points_per_event=60, now=now)
    return made


@pytest.fixture
def tier(program, campaign, now):
    return add_tier(program, points=100, group=campaign.groups.get(), is_automatic=False, now=now)


def tell(campaign, event_id, now, **fields):
    values = {"app_user_id": "ada", "action": "level", **fields}
    return record_event(campaign.app, EventRequest(event_id, **values), now=now)


def test_an_event_counts_once(campaign, program, now):
    first, again = tell(campaign, "e1", now), tell(campaign, "e1", now)

    assert (first.points, first.is_replay) == (60, False)
    assert (again.points, again.is_replay, again.available) == (60, True, 60)
    assert PointEntry.objects.count() == 1


def test_an_event_id_used_for_something_else_is_refused(campaign, program, now):
    tell(campaign, "e1", now)

    with pytest.raises(RuleViolation) as caught:
        tell(campaign, "e1", now, app_user_id="bob")

    assert caught.value.code == "event_id_reused"
    assert PointAccount.objects.get().available == 60


def test_an_action_without_a_rule_is_refused_with_the_known_ones_and_stores_nothing(campaign, program, now):
    with pytest.raises(RuleViolation) as caught:
        tell(campaign, "e1", now, action="levle")

    assert caught.value.code == "unknown_action"
    assert "“levle”" in caught.value.message and "Known actions: level." in caught.value.message
    assert PointEvent.objects.count() == PointAccount.objects.count() == 0
    assert tell(campaign, "e1", now).points == 60  # the id is still free


def test_a_paused_rule_earns_nothing_and_is_no_error(campaign, program, now):
    pause_rule(program.rules.get(), now=now)

    assert tell(campaign, "e1", now).points == 0


def test_points_per_unit_are_added(campaign, program, now):
    add_rule(program, action="buy", points_per_event=5, points_per_quantity=2, now=now)

    assert tell(campaign, "e1", now, action="buy", quantity=10).points == 25


def test_daily_and_lifetime_caps_cut_what_exceeds_them(campaign, program, now):
    add_rule(program, action="walk", points_per_event=60, daily_cap=100, lifetime_cap=130, now=now)

    earned = [tell(campaign, f"e{number}", now, action="walk").points for number in range(3)]
    tomorrow = tell(campaign, "e9", now + dt.timedelta(days=1), action="walk").points

    assert (earned, tomorrow) == ([60, 40, 0], 30)


def test_an_exchange_debits_and_issues_together(campaign, program, tier, now):
    for number in range(2):
        tell(campaign, f"e{number}", now)

    issued = exchanges.exchange_points(campaign.app, app_user_id="ada", tier=tier, idempotency_key="x", now=now)
    again = exchanges.exchange_points(campaign.app, app_user_id="ada", tier=tier, idempotency_key="x", now=now)

    assert issued.outcome == "issued" and again.url == issued.url
    assert PointAccount.objects.get().available == 20
    assert Reward.objects.get().source == Reward.Source.POINTS
    assert reconcile(now=now) == []


def test_too_few_points_issue_nothing(campaign, program, tier, now):
    tell(campaign, "e1", now)

    with pytest.raises(RuleViolation) as caught:
        exchanges.exchange_points(campaign.app, app_user_id="ada", tier=tier, idempotency_key="x", now=now)

    assert caught.value.code == "insufficient_points"
    assert Reward.objects.count() == PointExchange.objects.count() == 0
    assert PointAccount.objects.get().available == 60


def test_a_campaign_that_issues_nothing_leaves_the_points(campaign, program, tier, now):
    for number in range(2):
        tell(campaign, f"e{number}", now)
    take_down(campaign, by=None, now=now)

    with pytest.raises(RuleViolation) as caught:
        exchanges.exchange_points(campaign.app, app_user_id="ada", tier=tier, idempotency_key="x", now=now)

    assert caught.value.code == "campaign_suspended"
    assert PointAccount.objects.get().available == 120


def test_a_test_key_never_gets_a_live_rewards_url(campaign, program, tier, now):
    for number in range(2):
        tell(campaign, f"e{number}", now)
        record_event(campaign.app, EventRequest(f"e{number}", "ada", "level"), is_live=False, now=now)
    values = {"app_user_id": "ada", "tier": tier, "idempotency_key": "x", "now": now}
    live = exchanges.exchange_points(campaign.app, **values)

    tested = exchanges.exchange_points(campaign.app, **values, is_live=False)

    assert tested.is_preview and tested.available == 20 and tested.url != live.url
    assert live.outcome == "issued" and Reward.objects.count() == 1


def test_a_batch_answers_for_each_event(campaign, program, now):
    tell(campaign, "e0", now)
    asked = [
        EventRequest("e1", "ada", "level"),
        EventRequest("e2", "bob", "levle"),
        EventRequest("e3", "bob", "level", occurred_at=now - dt.timedelta(days=7, seconds=1)),
        EventRequest("e0", "ada", "level"),
        EventRequest("e0", "eve", "level"),
        EventRequest("e1", "ada", "level"),
        EventRequest(" ", "ada", "level"),
        EventRequest("e4", "cleo", "level", occurred_at=now + dt.timedelta(hours=1)),
    ]

    results = record_events(campaign.app, asked, now=now)

    assert [(row.status, row.points, row.code) for row in results] == [
        ("counted", 60, ""),
        ("refused", 0, "unknown_action"),
        ("refused", 0, "event_too_old"),
        ("replayed", 60, ""),
        ("refused", 0, "event_id_reused"),
        ("replayed", 60, ""),
        ("refused", 0, "invalid_request"),
        ("refused", 0, "invalid_request"),
    ]
    assert [row.available for row in results][:1] == [120]
    assert list(PointAccount.objects.values_list("app_user_id", flat=True)) == ["ada"]
    assert reconcile(now=now) == []


def test_a_batch_takes_the_same_statements_for_any_number_of_events(campaign, program, now):
    add_rule(program, action="walk", points_per_event=2, daily_cap=100, weekly_cap=500, now=now)

    def statements(first: int, count: int) -> int:
        asked = [EventRequest(f"e{number}", f"user-{number}", "walk") for number in range(first, first + count)]
        with CaptureQueriesContext(connection) as captured:
            assert sum(row.points for row in record_events(campaign.app, asked, now=now)) == 2 * count
        return len(captured)

    assert statements(0, 1) == statements(1, 50) < 30


def test_late_events_are_judged_by_the_rules_of_their_own_time(campaign, program, now):
    rule = program.rules.get()
    edit_rule(rule, points_per_event=10, now=now)
    pause_rule(rule, now=now + dt.timedelta(hours=1))
    later = now + dt.timedelta(hours=2)
    times = {"old": now - dt.timedelta(days=6), "edited": now + dt.timedelta(minutes=1), "paused": later}

    points = {name: tell(campaign, name, later, occurred_at=at).points for name, at in times.items()}

    assert points == {"old": 60, "edited": 10, "paused": 0}


def test_a_deleted_rule_is_unknown_but_judges_events_of_before(campaign, program, now):
    delete_rule(program.rules.get(), now=now)

    assert tell(campaign, "late", now, occurred_at=now - dt.timedelta(days=1)).points == 60
    with pytest.raises(RuleViolation) as caught:
        tell(campaign, "new", now)
    assert caught.value.code == "unknown_action" and "none" in caught.value.message
    add_rule(program, action="level", points_per_event=7, now=now)
    assert tell(campaign, "new", now).points == 7
    assert tell(campaign, "late2", now, occurred_at=now - dt.timedelta(days=1)).points == 60


def test_a_repeat_is_answered_however_late_it_comes(campaign, program, now):
    tell(campaign, "e1", now, occurred_at=now)

    assert tell(campaign, "e1", now + dt.timedelta(days=400), occurred_at=now).is_replay


def test_test_keys_have_a_ledger_of_their_own_that_a_member_clears(campaign, program, now):
    event = EventRequest("e1", "ada", "level")
    tell(campaign, "e1", now)
    assert record_event(campaign.app, event, is_live=False, now=now).available == 60
    assert record_event(campaign.app, event, is_live=False, now=now).is_replay

    clear_test_ledger(program, by=program.organization.members.get(), now=now)

    assert balance_of(program, "ada", is_live=False, now=now).available == 0
    assert not record_event(campaign.app, event, is_live=False, now=now).is_replay
    assert balance_of(program, "ada", now=now).available == 60


def test_another_app_of_the_program_is_first_seen_once(campaign, program, now):
    member = program.organization.members.get()
    other = make.app(member)
    join_app(program, other, by=member, now=now)
    add_rule(program, action=APP_FIRST_SEEN, points_per_event=500, now=now)

    balances = [tell(campaign, "e1", now).available]
    balances += [record_event(other, EventRequest(f"e{n}", "ada", "level"), now=now).available for n in range(2)]

    assert balances == [60, 620, 680]
    with pytest.raises(RuleViolation) as caught:
        tell(campaign, "e2", now, action=APP_FIRST_SEEN)
    assert caught.value.code == "invalid_request"
    leave_app(program, other, by=member, now=now)
    with pytest.raises(RuleViolation) as caught:
        record_event(other, EventRequest("e9", "ada", "level"), now=now)
    assert caught.value.code == "no_program" and balance_of(program, "ada", now=now).available == 680
