"""What an event earns: categories, measures, minimums, caps, validity, multipliers, periods."""

import datetime as dt
import zoneinfo
from decimal import Decimal

import pytest

from moments.errors import RuleViolation
from rewards.models import PointEvent, PointRuleVersion
from rewards.points.balances import balance_of
from rewards.points.events import EventRequest, record_event
from rewards.points.rules import Calendar
from rewards.points.setup.rule_editor import (
    add_category,
    add_multiplier,
    add_rule,
    add_status,
    delete_multiplier,
    delete_status,
    edit_multiplier,
    edit_rule,
    pause_rule,
    resume_rule,
)
from rewards.points.simulator import simulate

DAY = dt.timedelta(days=1)
NOON = dt.datetime(2027, 5, 5, 10, tzinfo=dt.UTC)  # a Wednesday


@pytest.fixture
def earned(app, program):
    """Points of the next event."""
    numbers = iter(range(1000))

    def act(action: str, at: dt.datetime = NOON, **fields) -> int:
        event = EventRequest(f"e{next(numbers)}", "ada", action, occurred_at=at, **fields)
        return record_event(app, event, now=at).points

    return act


def test_a_category_has_its_own_points_and_others_those_of_any(program, earned):
    add_rule(program, action="buy", points_per_event=10, now=NOON)
    add_rule(program, action="buy", category="books", points_per_event=30, now=NOON)
    add_category(program, key="games")

    assert [earned("buy"), earned("buy", category="books"), earned("buy", category="games")] == [10, 30, 10]
    with pytest.raises(RuleViolation) as caught:
        earned("buy", category="boks")
    assert caught.value.code == "unknown_category" and "books, games" in caught.value.message
    assert PointEvent.objects.count() == 3


def test_an_action_with_rules_for_categories_alone_needs_one_of_them(program, earned):
    add_rule(program, action="buy", category="books", points_per_event=30, now=NOON)
    add_category(program, key="games")

    for category in ("", "games"):
        with pytest.raises(RuleViolation) as caught:
            earned("buy", category=category)
        assert caught.value.code == "unknown_category" and "books" in caught.value.message
    assert not PointEvent.objects.exists()


def test_a_paused_rule_of_a_category_leaves_the_event_to_the_rule_for_any(program, earned):
    add_rule(program, action="buy", points_per_event=10, now=NOON)
    books = add_rule(program, action="buy", category="books", points_per_event=30, now=NOON)
    pause_rule(books, now=NOON)

    assert earned("buy", category="books") == 10
    resume_rule(books, now=NOON + DAY)
    assert earned("buy", NOON + DAY, category="books") == 30
    assert earned("buy", NOON + DAY - dt.timedelta(seconds=1), category="books") == 10


def test_points_for_quantity_and_money_are_added(program, earned):
    fields = {"points_per_event": 5, "points_per_quantity": 2, "points_per_amount": Decimal("1.5"), "currency": "USD"}
    add_rule(program, action="buy", **fields, now=NOON)

    assert earned("buy", quantity=3, amount_minor=1999, currency="USD") == 5 + 6 + 29
    for money in ({}, {"amount_minor": 1999, "currency": "EUR"}):
        with pytest.raises(RuleViolation) as caught:
            earned("buy", **money)
        assert caught.value.code == "invalid_request" and "USD" in caught.value.message


def test_yen_have_no_minor_units(program, earned):
    add_rule(program, action="buy", points_per_amount=Decimal("0.01"), currency="JPY", now=NOON)

    assert earned("buy", amount_minor=1299, currency="JPY") == 12


def test_below_the_minimum_nothing_is_earned(program, earned):
    add_rule(program, action="walk", points_per_quantity=1, minimum_quantity=100, now=NOON)
    add_rule(program, action="buy", points_per_event=9, minimum_amount_minor=1000, currency="USD", now=NOON)

    assert [earned("walk", quantity=99), earned("walk", quantity=100)] == [0, 100]
    spent = [earned("buy", amount_minor=cents, currency="USD") for cents in (999, 1000)]
    assert spent == [0, 9]


def test_caps_count_days_and_weeks_of_the_programs_zone_in_any_order(program, earned):
    add_rule(program, action="walk", points_per_event=60, daily_cap=100, weekly_cap=130, lifetime_cap=200, now=NOON)
    midnight = dt.datetime(2027, 5, 5, 22, tzinfo=dt.UTC)  # in Berlin
    monday = dt.datetime(2027, 5, 9, 22, tzinfo=dt.UTC)

    assert [earned("walk"), earned("walk"), earned("walk", midnight - dt.timedelta(seconds=1))] == [60, 40, 0]
    assert [earned("walk", midnight), earned("walk", monday), earned("walk", monday)] == [30, 60, 10]
    assert earned("walk", NOON) == 0


def test_outside_of_its_validity_a_rule_gives_nothing(program, earned):
    add_rule(program, action="walk", points_per_event=6, valid_from=NOON, valid_until=NOON + DAY, now=NOON)

    moments = (NOON - dt.timedelta(seconds=1), NOON, NOON + DAY - dt.timedelta(seconds=1), NOON + DAY)
    assert [earned("walk", at) for at in moments] == [0, 6, 6, 0]


def test_the_highest_multiplier_counts_and_is_rounded_half_up(program, earned):
    add_rule(program, action="walk", points_per_event=5, daily_cap=14, now=NOON)
    add_rule(program, action="run", points_per_event=5, now=NOON)
    add_multiplier(program, name="Half more", factor=Decimal("1.5"), starts_at=NOON, ends_at=NOON + DAY, now=NOON)
    double = {"starts_at": NOON, "ends_at": NOON + DAY, "action": "run"}
    twice = add_multiplier(program, name="Double", factor=Decimal(2), **double, now=NOON)

    assert [earned("walk"), earned("run"), earned("walk"), earned("run", NOON + DAY)] == [8, 10, 6, 5]
    delete_multiplier(twice, now=NOON + dt.timedelta(hours=1))
    assert earned("run", NOON + dt.timedelta(hours=2)) == 8
    assert earned("run", NOON) == 10


def test_an_edited_multiplier_counts_as_it_was_at_the_time_of_each_event(program, earned):
    add_rule(program, action="walk", points_per_event=5, now=NOON)
    period = {"starts_at": NOON - DAY, "ends_at": NOON + DAY}
    double = add_multiplier(program, name="Double", factor=Decimal(2), **period, now=NOON)

    edit_multiplier(double, name="Triple", factor=Decimal(3), **period, now=NOON + dt.timedelta(hours=2))

    hours = (-1, 1, 2, 3)
    assert [earned("walk", NOON + dt.timedelta(hours=hour)) for hour in hours] == [10, 10, 15, 15]
    assert double.name == "Triple" and double.versions.count() == 2
    edit_multiplier(double, name="Triple", factor=Decimal(3), action="run", **period, now=NOON + dt.timedelta(hours=4))
    assert [earned("walk", NOON + dt.timedelta(hours=hour)) for hour in (3, 4)] == [15, 5]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"factor": Decimal(0), "starts_at": NOON}, "bad_factor"),
        ({"factor": Decimal(2)}, "empty_multiplier"),
        ({"factor": Decimal(2), "starts_at": NOON, "ends_at": NOON}, "bad_period"),
    ],
)
def test_an_edit_of_a_multiplier_that_makes_no_sense_is_refused(program, fields, code):
    double = add_multiplier(program, name="Double", factor=Decimal(2), starts_at=NOON, now=NOON)

    with pytest.raises(RuleViolation) as caught:
        edit_multiplier(double, name="x", **fields, now=NOON)

    assert caught.value.code == code
    assert (program.multipliers.get().name, double.versions.count()) == ("Double", 1)


def test_a_deleted_multiplier_and_a_status_that_only_an_old_version_needs(program):
    gold = add_status(program, name="Gold", threshold=100, period_days=10, now=NOON)
    made = add_multiplier(program, name="Gold", factor=Decimal(2), status=gold, now=NOON)
    edit_multiplier(made, name="All", factor=Decimal(2), starts_at=NOON, now=NOON)

    delete_status(gold, now=NOON)
    delete_multiplier(made, now=NOON)
    with pytest.raises(RuleViolation) as caught:
        edit_multiplier(made, name="All", factor=Decimal(3), starts_at=NOON, now=NOON)

    assert caught.value.code == "multiplier_deleted" and made.versions.get().factor == 2


def test_a_status_multiplies_from_the_event_after_the_one_that_reaches_it(program, earned):
    gold = add_status(program, name="Gold", threshold=100, period_days=10, now=NOON)
    add_rule(program, action="walk", points_per_event=60, now=NOON)
    add_multiplier(program, name="Gold", factor=Decimal(2), status=gold, now=NOON)

    assert [earned("walk"), earned("walk"), earned("walk"), earned("walk", NOON + 10 * DAY)] == [60, 60, 120, 60]
    with pytest.raises(RuleViolation) as caught:
        delete_status(gold, now=NOON)
    assert caught.value.code == "status_in_use" and program.statuses.exists()


def test_pending_and_validity_count_days_of_the_zone():
    calendar = Calendar(zoneinfo.ZoneInfo("Europe/Berlin"), 2, 3)
    day = dt.date(2027, 3, 26)  # the clocks change on the 28th

    assert calendar.periods(day) == (
        dt.datetime(2027, 3, 27, 23, tzinfo=dt.UTC),
        dt.datetime(2027, 3, 31, 22, tzinfo=dt.UTC),
    )
    assert calendar.periods(day, pending_days=0) == (None, dt.datetime(2027, 3, 29, 22, tzinfo=dt.UTC))


def test_a_rules_own_periods_take_precedence(app, program):
    add_rule(program, action="walk", points_per_event=60, pending_days=2, points_valid_days=1, now=NOON)

    result = record_event(app, EventRequest("e1", "ada", "walk", occurred_at=NOON), now=NOON)

    assert (result.points, result.pending, result.available) == (60, 60, 0)
    found = [balance_of(program, "ada", now=NOON + days * DAY) for days in (1, 2, 4)]
    assert [(one.pending, one.available) for one in found] == [(60, 0), (0, 60), (0, 0)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "empty_rule"),
        ({"points_per_amount": Decimal(1)}, "no_currency"),
        ({"points_per_event": 1, "valid_from": NOON, "valid_until": NOON}, "bad_period"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(program, fields, code):
    with pytest.raises(RuleViolation) as caught:
        add_rule(program, action="walk", **fields, now=NOON)

    assert caught.value.code == code and not program.rules.exists()


def test_an_action_has_one_rule_for_a_category(program):
    rule = add_rule(program, action="walk", points_per_event=1, now=NOON)

    with pytest.raises(RuleViolation) as caught:
        add_rule(program, action="walk", points_per_event=2, now=NOON)

    assert caught.value.code == "rule_taken" and PointRuleVersion.objects.count() == 1
    edit_rule(rule, points_per_event=3, now=NOON)
    assert program.rules.get().current.points_per_event == 3


def test_the_simulator_says_what_each_event_would_earn_and_why(program, earned):
    add_rule(program, action="walk", points_per_event=60, daily_cap=100, now=NOON)
    earned("walk")
    asked = [EventRequest("", "ada", "walk"), EventRequest("", "ada", "walk"), EventRequest("", "bob", "wlak")]

    found = simulate(program, asked, now=NOON)

    assert [(one.verdict.points, one.verdict.reason, one.verdict.cap) for one in found[:2]] == [
        (40, "capped", "day"),
        (0, "capped", "day"),
    ]
    assert found[2].refusal.code == "unknown_action"
    assert PointEvent.objects.count() == 1 and balance_of(program, "ada", now=NOON).available == 60
