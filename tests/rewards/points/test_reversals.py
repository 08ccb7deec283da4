"""Taking back what an event gave, and adjusting by hand."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import AuditEntry, Member
from moments.errors import RuleViolation
from rewards.ledger.reconciliation import find_discrepancies
from rewards.models import PointAdjustment, PointEntry, PointReversal
from rewards.points.adjustments import adjust_points
from rewards.points.balances import balance_of, user_points
from rewards.points.events import EventRequest, record_event
from rewards.points.reversals import reverse_event
from rewards.points.setup.programs import clear_test_ledger, create_program, leave_app
from rewards.points.setup.rule_editor import add_rule, add_status
from tests import make


@pytest.fixture
def walk(app, program, now):
    """100 points an event, 150 a day at most."""
    add_rule(program, action="walk", points_per_event=100, daily_cap=150, now=now)

    def act(event_id: str, **fields) -> int:
        return record_event(app, EventRequest(event_id, "ada", "walk", **fields), now=now).points

    return act


def take(program, points: int, now, key: str = "taken") -> None:
    adjust_points(program, app_user_id="ada", points=-points, reason="Spent", idempotency_key=key, now=now)


def balance(program, now) -> tuple[int, int]:
    found = balance_of(program, "ada", now=now)
    return found.available, found.owed


def test_a_whole_reversal_takes_back_exactly_what_the_event_gave_and_frees_its_caps(app, program, walk, now):
    assert [walk("e1"), walk("e2")] == [100, 50]

    done, again = (reverse_event(app, "e2", now=now) for _time in range(2))

    assert (done.points, done.available, done.is_replay) == (50, 100, False)
    assert (again.points, again.available, again.is_replay) == (50, 100, True)
    assert PointReversal.objects.count() == 1
    assert walk("e3") == 50 and find_discrepancies() == []


def test_what_was_spent_is_owed_and_the_next_credits_pay_it(app, program, walk, now):
    walk("e1")
    take(program, 80, now)

    assert (reverse_event(app, "e1", now=now).owed, balance(program, now)) == (80, (0, 80))

    assert walk("e2") == 100 and balance(program, now) == (20, 0)
    assert find_discrepancies() == []


def test_parts_add_up_to_the_whole_and_never_beyond(app, program, walk, now):
    walk("e1", quantity=3)

    parts = [reverse_event(app, "e1", quantity=1, idempotency_key=f"r{n}", now=now).points for n in range(3)]

    assert parts == [33, 34, 33] and balance(program, now) == (0, 0)
    with pytest.raises(RuleViolation) as caught:
        reverse_event(app, "e1", quantity=1, idempotency_key="r4", now=now)
    assert caught.value.code == "invalid_request" and "nothing left to reverse" in caught.value.message
    assert PointReversal.objects.count() == 3


def test_a_part_of_the_amount_takes_back_its_share(app, program, now):
    add_rule(program, action="buy", points_per_amount=Decimal(2), currency="USD", now=now)
    record_event(app, EventRequest("e1", "ada", "buy", amount_minor=5000, currency="USD"), now=now)

    part = reverse_event(app, "e1", amount_minor=2000, idempotency_key="r1", now=now)
    rest = reverse_event(app, "e1", now=now)

    assert (part.points, rest.points, rest.reversed) == (40, 60, 100)
    assert balance(program, now) == (0, 0) and find_discrepancies() == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"quantity": 1}, "invalid_request"),
        ({"quantity": 1, "amount_minor": 1, "idempotency_key": "k"}, "invalid_request"),
        ({"quantity": 2, "idempotency_key": "k"}, "invalid_request"),
        ({"quantity": 0, "idempotency_key": "k"}, "invalid_request"),
        ({"amount_minor": 1, "idempotency_key": "k"}, "invalid_request"),
    ],
)
def test_a_part_that_makes_no_sense_is_refused(app, program, walk, now, fields, code):
    walk("e1")

    with pytest.raises(RuleViolation) as caught:
        reverse_event(app, "e1", **fields, now=now)

    assert caught.value.code == code
    assert not PointReversal.objects.exists() and balance(program, now) == (100, 0)


def test_a_key_reverses_one_part_of_one_event(app, program, walk, now):
    walk("e1", quantity=4)
    reverse_event(app, "e1", quantity=1, idempotency_key="k", now=now)

    assert reverse_event(app, "e1", quantity=1, idempotency_key="k", now=now).is_replay
    with pytest.raises(RuleViolation) as caught:
        reverse_event(app, "e1", quantity=2, idempotency_key="k", now=now)
    assert caught.value.code == "idempotency_key_reused" and balance(program, now) == (75, 0)
    walk("e2")
    with pytest.raises(RuleViolation) as caught:
        reverse_event(app, "e2", quantity=1, idempotency_key="k", now=now)
    assert caught.value.code == "idempotency_key_reused" and balance(program, now) == (150, 0)  # the cap was free again


def test_another_apps_event_is_unknown(app, program, walk, now):
    walk("e1")
    for asked in (("e2", app), ("e1", make.app())):
        with pytest.raises(RuleViolation) as caught:
            reverse_event(asked[1], asked[0], now=now)
        assert caught.value.code in ("unknown_event", "no_program")
    assert balance(program, now) == (100, 0)


def test_pending_points_are_taken_back_while_they_wait(app, program, now):
    add_rule(program, action="walk", points_per_event=100, pending_days=3, now=now)
    record_event(app, EventRequest("e1", "ada", "walk"), now=now)
    record_event(app, EventRequest("e2", "ada", "walk"), now=now)

    assert reverse_event(app, "e1", now=now).pending == 100

    assert balance(program, now + dt.timedelta(days=4)) == (100, 0) and find_discrepancies() == []


def test_a_reversal_takes_the_status_back(app, program, walk, now):
    add_status(program, name="Gold", threshold=100, period_days=30, now=now)
    walk("e1")
    assert str(user_points(program, "ada", now=now).status) == "Gold"

    reverse_event(app, "e1", now=now)

    assert user_points(program, "ada", now=now).status is None
    assert program.accounts.get().status is None


def test_an_adjustment_counts_once_and_is_in_the_audit_log(member, program, now):
    asked = {"app_user_id": "ada", "points": 30, "reason": "Sorry for the delay", "idempotency_key": "k"}

    done = [adjust_points(program, **asked, by=member, now=now) for _time in range(2)]

    assert [(one.available, one.is_replay) for one in done] == [(30, False), (30, True)]
    line = AuditEntry.objects.get(event="points_adjusted")
    assert line.about == "Stars: ada +30: Sorry for the delay"
    entry = PointEntry.objects.get()
    assert (entry.kind, entry.amount, entry.actor, entry.reason) == (
        "adjustment",
        30,
        member.user,
        "Sorry for the delay",
    )
    with pytest.raises(RuleViolation) as caught:
        adjust_points(program, **{**asked, "points": 31}, by=member, now=now)
    assert caught.value.code == "idempotency_key_reused" and balance(program, now) == (30, 0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"points": 0}, "invalid_request"),
        ({"points": -31}, "insufficient_points"),
        ({"reason": " "}, "invalid_request"),
        ({"idempotency_key": ""}, "invalid_request"),
    ],
)
def test_an_adjustment_that_is_not_allowed_changes_nothing(program, now, fields, code):
    asked = {"app_user_id": "ada", "points": 30, "reason": "x", "idempotency_key": "k", "now": now}
    adjust_points(program, **asked)

    with pytest.raises(RuleViolation) as caught:
        adjust_points(program, **{**asked, "idempotency_key": "l", **fields})

    assert caught.value.code == code and balance(program, now) == (30, 0) and PointAdjustment.objects.count() == 1


def test_only_editors_adjust(program, now):
    analyst = make.member(Member.Role.ANALYST, organization=program.organization)
    asked = {"app_user_id": "ada", "points": 30, "reason": "x", "idempotency_key": "k", "now": now}

    with pytest.raises(RuleViolation):
        adjust_points(program, **asked, by=analyst)

    assert not PointAdjustment.objects.exists()


def test_the_events_of_an_app_that_has_left_are_reversed_in_the_program_that_counted_them(app, program, walk, now):
    walk("e1")
    record_event(app, EventRequest("t1", "ada", "walk"), is_live=False, now=now)
    member = program.organization.members.get()
    leave_app(program, app, by=member, now=now)

    assert (reverse_event(app, "e1", now=now).points, balance(program, now)) == (100, (0, 0))
    assert reverse_event(app, "t1", is_live=False, now=now).points == 100
    with pytest.raises(RuleViolation) as caught:
        reverse_event(app, "e2", now=now)
    assert caught.value.code == "no_program"

    other = create_program(member, name="Moons", time_zone="UTC", apps=[app], now=now)
    assert reverse_event(app, "e1", now=now).is_replay and not other.accounts.exists()
    with pytest.raises(RuleViolation) as caught:
        reverse_event(app, "e2", now=now)
    assert caught.value.code == "unknown_event" and find_discrepancies() == []


def test_test_keys_reverse_nothing_of_a_ledger_that_was_cleared(app, program, walk, now):
    record_event(app, EventRequest("t1", "ada", "walk"), is_live=False, now=now)
    clear_test_ledger(program, by=program.organization.members.get(), now=now)

    with pytest.raises(RuleViolation) as caught:
        reverse_event(app, "t1", is_live=False, now=now)

    assert caught.value.code == "unknown_event" and not PointReversal.objects.exists()


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"quantity": 3}, "quantity is 3; send more than 0 and at most 2"),
        ({"quantity": 0}, "quantity is 0; send more than 0"),
        ({"amount_minor": 1200}, "amount is 12.00 USD; send more than 0 and at most 10.00 USD"),
        ({"quantity": 1, "amount_minor": 1}, "both set"),
    ],
)
def test_a_part_that_the_event_does_not_have_is_refused_in_words(app, program, now, part, words):
    add_rule(program, action="buy", points_per_amount=Decimal(2), currency="USD", now=now)
    bought = EventRequest("e1", "ada", "buy", quantity=2, amount_minor=1000, currency="USD")
    record_event(app, bought, now=now)

    with pytest.raises(RuleViolation) as caught:
        reverse_event(app, "e1", **part, idempotency_key="k", now=now)

    assert words in caught.value.message and not PointReversal.objects.exists()


def test_an_event_without_an_amount_has_no_part_of_one(app, walk, now):
    walk("e1")

    with pytest.raises(RuleViolation, match="the event has no amount"):
        reverse_event(app, "e1", amount_minor=5, idempotency_key="k", now=now)

    assert not PointReversal.objects.exists()
