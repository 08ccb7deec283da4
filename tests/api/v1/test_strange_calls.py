"""No body, path, or key makes a server error; and nobody reaches what belongs to others."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rewards.models import PointEntry
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier
from tests import make
from tests.harness.numbers import size

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
members = {
    "event_id": st.sampled_from(["e1", "e2", "", "\x00", "é" * 128]) | anything,
    "user_id": st.sampled_from(["ada", "team/ada", " ", "\ud800"]) | anything,
    "action": st.sampled_from(["level", "buy", "levle"]) | anything,
    "category": st.sampled_from(["", "books"]) | anything,
    "quantity": st.integers(-1, 2**64) | anything,
    "amount": st.sampled_from(["1.00", "9999999999.99", "1,5", "٣", "-1", "1e5", "1" * 31]) | anything,
    "currency": st.sampled_from(["USD", "JPY", "ZZZ", ""]) | anything,
    "occurred_at": st.sampled_from(["2026-11-30T00:00:00+14:00", "9999-12-31T23:59:59-23:59", "1970-01-01"]) | anything,
}
event = st.fixed_dictionaries({}, optional=members)
body = event | st.fixed_dictionaries({"events": st.lists(event | anything, max_size=4) | anything}) | anything


@pytest.mark.slow
def test_no_body_makes_a_server_error(call, program, now):
    add_rule(program, action="buy", points_per_amount=1_000_000, currency="USD", now=now)

    @settings(
        max_examples=size(150, 5000),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(body, st.sampled_from(["events", "events/e1/reverse", "users/ada/exchanges", "users/a/points/adjustments"]))
    def check(sent, path) -> None:
        answer = call(path, sent, method="POST", **{"Idempotency-Key": "x"})
        assert answer.status_code < 500, (path, json.dumps(sent), answer.content)

    check()


of_reward = {
    "moment": st.sampled_from(["MomentsReward", "\x00", ""]) | anything,
    "group": st.sampled_from(["US", "XX", "\x00"]) | anything,
    "user_id": st.sampled_from(["ada", " ", "\ud800"]) | anything,
    "device_type": st.sampled_from(["Web", "fire os"]) | anything,
    "locale": st.sampled_from(["de-DE", "@", "x" * 300]) | anything,
    "email": st.sampled_from(["kim@example.com", "@"]) | anything,
    "send": st.booleans() | anything,
    "external_id": st.sampled_from(["order-1", "\x00"]) | anything,
    "metadata": st.dictionaries(st.text(max_size=3), st.text(max_size=3) | anything, max_size=3) | anything,
}


@pytest.mark.slow
def test_no_reward_makes_a_server_error(call, campaign):
    @settings(
        max_examples=size(100, 5000),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(st.fixed_dictionaries({}, optional=of_reward), st.sampled_from(["", "/preview"]), st.integers())
    def check(changes, what, number) -> None:
        body = {"campaign": str(campaign.pk), "moment": "MomentsReward", "group": "US", "user_id": "ada", **changes}
        answer = call(f"rewards{what}", body, **{"Idempotency-Key": str(number)})
        assert answer.status_code < 500, (what, json.dumps(body), answer.content)

    check()


def test_another_organization_reaches_nothing(call, campaign, program, tier, now):
    call("events", {"event_id": "e1", "user_id": "ada", "action": "level"})
    theirs = make.campaign()
    member = theirs.organization.members.get()
    other = create_program(member, name="Stars", time_zone="UTC", apps=[theirs.app], now=now)
    add_tier(other, points=1, group=theirs.groups.get(), now=now)
    key, before = make.api_key(theirs.app), PointEntry.objects.count()

    answers = [
        call("events/e1/reverse", {}, key=key),
        call("users/ada/exchanges", {"tier": tier.pk}, key=key, **{"Idempotency-Key": "x"}),
        call("events", {"event_id": "e1", "user_id": "ada", "action": "level"}, key=key),
    ]

    assert [answer.json()["code"] for answer in answers] == ["unknown_event", "unknown_tier", "unknown_action"]
    assert call("users/ada/points", key=key).json()["available"] == 0
    assert call("users/ada/points/entries", key=key).json()["data"] == []
    assert [row["id"] for row in call("program", key=key).json()["tiers"]] != [tier.pk]
    assert PointEntry.objects.count() == before


def test_an_app_without_a_program_has_nothing(call):
    for path in ("program", "users/ada/points", "users/ada/exchanges", "users/ada/points/entries"):
        answer = call(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_program")
