"""Events from a CSV file."""

import pytest

from accounts.models import Member
from moments.errors import RuleViolation
from rewards.models import PointEvent
from rewards.points.balances import balance_of
from rewards.points.csv_events import record_csv
from rewards.points.setup.rule_editor import add_rule
from tests import make


@pytest.fixture
def walk(program, now):
    add_rule(program, action="walk", points_per_quantity=2, now=now)
    add_rule(program, action="buy", points_per_amount=1, currency="USD", now=now)


def test_each_line_counts_once_and_says_what_became_of_it(app, program, member, walk, now):
    lines = [
        "event id;user id;action;quantity;amount;currency;occurred at",
        "e1;ada;walk;3;;;",
        f"e2;ada;buy;;10.00;usd;{now.isoformat()}",
        "e3;ada;run;1;;;",
        "e4;ada;walk;many;;;",
        "e5;ada;walk;1;;;2026-05-01",
        "e6;ada;buy;;1,50;USD;",
        ";ada;walk;1;;;",
    ]
    content = "\n".join(lines).encode()

    first, again = (record_csv(app, content, by=member, now=now) for _time in range(2))

    assert (first.counted, first.replayed, again.counted, again.replayed) == (2, 0, 0, 2)
    assert [(row.number, row.result.code) for row in first.refused] == [
        (4, "unknown_action"),
        (5, "invalid_request"),
        (6, "invalid_request"),
        (7, "invalid_request"),
        (8, "invalid_request"),
    ]
    assert "quantity is “many”" in first.refused[1].result.detail
    assert balance_of(program, "ada", now=now).available == 16


def test_an_address_of_a_line_is_checked(app, member, walk, now):
    content = b"event_id,user_id,action,email\ne1,ada,walk,Ada@example.com\ne2,ada,walk,ada\ne3,ada,walk,\n"

    outcome = record_csv(app, content, by=member, now=now)

    assert outcome.counted == 2
    assert outcome.refused[0].result.detail.startswith("email is “ada”; allowed is an address like")


def test_a_file_that_cannot_be_read_changes_nothing(app, program, member, walk, now):
    for content in (b"", b"event_id,user_id\ne1,ada\n", b"PK\x03\x04"):
        with pytest.raises(RuleViolation) as caught:
            record_csv(app, content, by=member, now=now)
        assert caught.value.code == "invalid_file"

    analyst = make.member(Member.Role.ANALYST, organization=program.organization)
    with pytest.raises(RuleViolation):
        record_csv(app, b"event_id,user_id,action\ne1,ada,walk\n", by=analyst, now=now)
    assert not PointEvent.objects.exists()
