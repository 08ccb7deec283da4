"""Points: credited once, capped, exchanged in one transaction."""

import json

import pytest
from django.db import IntegrityError, transaction

from accounts.models import ApiKey
from campaigns.approval.transitions import take_down
from moments.errors import RuleViolation
from rewards.ledger.reconciliation import reconcile
from rewards.models import PointAccount, PointEntry, PointEvent, PointExchange, Reward
from rewards.points import exchanges
from rewards.points import service as points
from rewards.points.programs import add_rule, add_tier, create_program
from tests import make
from tests.harness.owner import owner


@pytest.fixture
def program(campaign, now):
    member = campaign.organization.members.get()
    made = create_program(member, name="Stars", time_zone="Europe/Berlin", apps=[campaign.app], now=now)
    add_rule(made, action="level", points_per_event=60, points_per_unit=0, daily_cap=None, lifetime_cap=None)
    return made


@pytest.fixture
def tier(program, campaign, now):
    return add_tier(program, points=100, group=campaign.groups.get(), is_automatic=False, now=now)


def tell(campaign, event_id, now, **fields):
    values = {"app_user_id": "ada", "action": "level", **fields}
    return points.record_action(campaign.app, event_id=event_id, **values, now=now)


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
    program.rules.update(is_active=False)

    assert tell(campaign, "e1", now).points == 0


def test_points_per_unit_are_added(campaign, program, now):
    add_rule(program, action="buy", points_per_event=5, points_per_unit=2, daily_cap=None, lifetime_cap=None)

    assert tell(campaign, "e1", now, action="buy", units=10).points == 25


def test_daily_and_lifetime_caps_cut_what_exceeds_them(campaign, program, now):
    import datetime as dt

    add_rule(program, action="walk", points_per_event=60, points_per_unit=0, daily_cap=100, lifetime_cap=130)

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

    assert caught.value.code == "not_enough_points"
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
    values = {"app_user_id": "ada", "tier": tier, "idempotency_key": "x", "now": now}
    live = exchanges.exchange_points(campaign.app, **values)

    assert exchanges.exchange_points(campaign.app, **values, is_live=False).is_preview
    assert live.outcome == "issued"


def test_the_ledger_of_points_cannot_be_rewritten(campaign, program, now):
    tell(campaign, "e1", now)

    for statement in ("UPDATE rewards_pointentry SET amount = 1", "DELETE FROM rewards_pointentry"):
        with owner() as cursor, pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(statement)


# Over HTTP


@pytest.fixture
def call(client, campaign, settings):
    settings.API_RATE = "1000/s"
    secret = make.api_key(campaign.app)

    def act(path, body=None, *, key=secret, **headers):
        extra = {"Authorization": f"Bearer {key}", **headers}
        if body is None:
            return client.get(f"/api/v1/{path}", headers=extra)
        return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=extra)

    return act


EVENT = {"event_id": "e1", "user_id": "ada", "action": "level"}


def test_events_points_and_exchanges_over_http(call, program, tier):
    assert call("events", EVENT).json()["points"] == 60
    assert call("events", EVENT).json()["replayed"] is True
    assert call("events", {**EVENT, "event_id": "e2"}).json()["available"] == 120
    assert call("users/ada/points").json()["tiers"][0]["points"] == 100

    exchanged = call("users/ada/exchanges", {"points": 100}, **{"Idempotency-Key": "x"})

    assert exchanged.status_code == 200
    assert "/r/" in exchanged.json()["reward_url"] and "Idempotent-Replayed" not in exchanged
    again = call("users/ada/exchanges", {"points": 100}, **{"Idempotency-Key": "x"})
    assert again.json() == exchanged.json() and again["Idempotent-Replayed"] == "true"
    assert exchanged.json()["available"] == 20


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("events", {**EVENT, "color": "blue"}, {}, 422, "invalid_request"),
        ("events", {"event_id": "e1"}, {}, 422, "invalid_request"),
        ("events", {**EVENT, "action": "levle"}, {}, 422, "unknown_action"),
        ("events", {**EVENT, "user_id": "nul\x00"}, {}, 400, "invalid_request"),
        ("users/ada/exchanges", {"points": 100}, {}, 400, "invalid_request"),
        ("users/ada/exchanges", {"points": 100}, {"Idempotency-Key": " "}, 400, "invalid_request"),
        ("users/%20/exchanges", {"points": 100}, {"Idempotency-Key": "x"}, 400, "invalid_request"),
        ("events", {**EVENT, "event_id": ""}, {}, 422, "invalid_request"),
        ("events", {**EVENT, "event_id": " "}, {}, 400, "invalid_request"),
        ("events", {**EVENT, "user_id": " "}, {}, 400, "invalid_request"),
        (f"users/{'a' * 129}/exchanges", {"points": 100}, {"Idempotency-Key": "x"}, 400, "invalid_request"),
        ("users/ada/exchanges", {"points": 7}, {"Idempotency-Key": "x"}, 404, "unknown_tier"),
        ("users/ada/exchanges", {"points": 100}, {"Idempotency-Key": "x"}, 409, "not_enough_points"),
    ],
)
def test_refusals_are_problem_documents(call, program, tier, path, body, headers, status, code):
    answer = call(path, body, **headers)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["request_id"] == answer["X-Request-Id"]


def test_every_error_of_version_1_is_a_problem_document(client, call):
    secret = {"Authorization": "Bearer mk_live_wrong"}
    answers = [
        client.post("/api/v1/events", "{", content_type="application/json", headers=secret),
        client.get("/api/v1/events", headers=secret),
        client.get("/api/v1/nothing", headers=secret),
        client.post("/api/v1/events", "x" * 70_000, content_type="application/json", headers=secret),
    ]

    assert [answer.status_code for answer in answers] == [401, 405, 404, 413]
    assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert call("events", "{").json()["code"] == "invalid_request"


def test_without_a_key_nothing_is_told(call, program, client):
    assert call("users/ada/points", key="mk_live_wrong").json()["code"] == "key_revoked"
    assert client.get("/api/v1/users/ada/points").status_code == 401


def test_a_test_key_counts_nothing_and_is_refused_what_a_live_key_is(call, campaign, program):
    key = make.api_key(campaign.app, ApiKey.Mode.TEST)

    assert call("events", EVENT, key=key).status_code == 200
    assert call("events", {**EVENT, "action": "levle"}, key=key).json()["code"] == "unknown_action"

    assert PointEntry.objects.count() == 0


def test_the_document_describes_every_route(client):
    paths = client.get("/api/openapi.json").json()["paths"]

    assert set(paths) == {
        "/prod/GetReward",
        "/prod/GetRewardInfo",
        "/api/v1/events",
        "/api/v1/users/{user_id}/points",
        "/api/v1/users/{user_id}/exchanges",
    }
