"""Points over HTTP: the shapes of answers, refusals, repeats, test keys."""

import datetime as dt
from urllib.parse import quote

import pytest

from accounts.models import ApiKey, AuditEntry
from outbox.models import Mail
from rewards.models import PointAccount, PointEntry, PointEvent, Reward
from rewards.points.hosted_page.links import open_page_link
from rewards.points.setup.programs import leave_app
from rewards.points.setup.rule_editor import add_rule, edit_rule
from rewards.points.setup.tiers import add_tier
from tests import make

EVENT = {"event_id": "e1", "user_id": "ada", "action": "level"}
KEY = {"Idempotency-Key": "x"}


def test_events_points_and_exchanges(call, program, tier):
    assert call("events", EVENT).json() == {
        "event_id": "e1",
        "points": 60,
        "pending": 0,
        "available": 60,
        "replayed": False,
        "reward_urls": [],
    }
    assert call("events", EVENT).json()["replayed"] is True
    assert call("events", {**EVENT, "event_id": "e2"}).json()["available"] == 120
    shown = call("users/ada/points").json()
    assert (shown["available"], shown["pending"], shown["owed"], shown["expiring"]) == (120, 0, 0, [])
    assert [(row["id"], row["points"], row["progress"], row["can_exchange"]) for row in shown["tiers"]] == [
        (tier.pk, 100, 100, True)
    ]

    exchanged = call("users/ada/exchanges", {"tier": tier.pk}, **KEY)

    assert exchanged.status_code == 201 and "Idempotent-Replayed" not in exchanged
    answer = exchanged.json()
    assert "/r/" in answer["reward_url"] and (answer["points"], answer["available"]) == (100, 20)
    again = call("users/ada/exchanges", {"tier": tier.pk}, **KEY)
    assert again.json() == answer and again["Idempotent-Replayed"] == "true" and again.status_code == 200
    assert answer["test_mode"] is False and Reward.objects.count() == 1
    listed = call("users/ada/exchanges").json()["data"]
    assert [row["reward_url"] for row in listed] == [answer["reward_url"]]


def test_a_batch_answers_for_each_event(call, program):
    many = [{**EVENT, "event_id": f"e{number}", "user_id": f"user-{number}"} for number in range(497)]
    odd = [{**EVENT, "action": "levle"}, {"event_id": "e2"}, {**EVENT, "event_id": "nul\x00", "quantity": True}]

    answer = call("events", {"events": [*many, *odd]})

    assert answer.status_code == 200
    results = answer.json()["results"]
    assert {(row["status"], row["points"], row["pending"]) for row in results[:497]} == {("counted", 60, 0)}
    assert [row["code"] for row in results[497:]] == ["event_id_reused", "invalid_request", "invalid_request"]
    assert all(row["points"] == row["pending"] == 0 and row["detail"] for row in results[497:])
    assert PointAccount.objects.count() == 497


@pytest.mark.parametrize("events", [[], [EVENT] * 501, {}, None])
def test_a_batch_has_1_to_500_events(call, program, events):
    assert call("events", {"events": events}).status_code == 422
    assert not PointEvent.objects.exists()


def test_money_comes_with_its_currency(call, program, now):
    add_rule(program, action="buy", points_per_amount=2, currency="USD", now=now)
    bought = {**EVENT, "action": "buy", "amount": "19.99", "currency": "USD"}

    assert call("events", bought).json()["points"] == 39
    for wrong in ({"amount": "19.999"}, {"amount": 19.99}, {"currency": ""}, {"currency": "usd"}, {"amount": "-1"}):
        answer = call("events", {**bought, "event_id": "e2", **wrong})
        assert answer.status_code in (400, 422) and answer.json()["code"] == "invalid_request"
    assert PointEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("events", {**EVENT, "color": "blue"}, {}, 422, "invalid_request"),
        ("events", {"event_id": "e1"}, {}, 422, "invalid_request"),
        ("events", {**EVENT, "action": "levle"}, {}, 422, "unknown_action"),
        ("events", {**EVENT, "category": "books"}, {}, 422, "unknown_category"),
        ("events", {**EVENT, "occurred_at": "2020-01-01T00:00:00Z"}, {}, 422, "event_too_old"),
        ("events", {**EVENT, "occurred_at": "2120-01-01T00:00:00Z"}, {}, 400, "invalid_request"),
        ("events", {**EVENT, "occurred_at": "0001-01-01T00:00:00+14:00"}, {}, 422, "invalid_request"),
        ("events", {**EVENT, "occurred_at": "2026-01-01T00:00:00"}, {}, 422, "invalid_request"),
        ("events", {**EVENT, "occurred_at": 5}, {}, 422, "invalid_request"),
        ("events", {**EVENT, "quantity": -1}, {}, 422, "invalid_request"),
        ("events", {**EVENT, "quantity": "1"}, {}, 422, "invalid_request"),
        ("events", {**EVENT, "action": "app_first_seen"}, {}, 400, "invalid_request"),
        ("events", {**EVENT, "user_id": "nul\x00"}, {}, 400, "invalid_request"),
        ("events", {**EVENT, "user_id": "\ud800"}, {}, 422, "invalid_request"),
        ("events", {**EVENT, "event_id": ""}, {}, 422, "invalid_request"),
        ("events", {**EVENT, "event_id": " "}, {}, 400, "invalid_request"),
        ("events", {**EVENT, "user_id": " "}, {}, 400, "invalid_request"),
        ("events", [EVENT], {}, 422, "invalid_request"),
        ("users/ada/exchanges", {"tier": 1}, {}, 400, "invalid_request"),
        ("users/ada/exchanges", {"tier": 1}, {"Idempotency-Key": " "}, 400, "invalid_request"),
        ("users/ada/exchanges", {"tier": 1}, {"Idempotency-Key": "x" * 256}, 400, "invalid_request"),
        ("users/%20/exchanges", {"tier": 1}, KEY, 400, "invalid_request"),
        (f"users/{'a' * 129}/exchanges", {"tier": 1}, KEY, 400, "invalid_request"),
        ("users/ada/exchanges", {"tier": 10**30}, KEY, 404, "unknown_tier"),
        ("users/ada/exchanges", {"tier": None}, KEY, 409, "insufficient_points"),
        ("users/ada/points/adjustments", {"points": 5, "reason": "x"}, {}, 400, "invalid_request"),
        ("users/ada/points/adjustments", {"points": 0, "reason": "x"}, KEY, 400, "invalid_request"),
        ("users/ada/points/adjustments", {"points": 5, "reason": ""}, KEY, 422, "invalid_request"),
        ("users/ada/points/adjustments", {"points": -5, "reason": "x"}, KEY, 409, "insufficient_points"),
        ("users/ada/points-page", {"ttl_seconds": 86_401}, {}, 422, "invalid_request"),
        ("events/e1/reverse", {}, {}, 404, "unknown_event"),
        ("events/e1/reverse", {"quantity": 1}, {}, 400, "invalid_request"),
    ],
)
def test_refusals_are_problem_documents(call, program, tier, path, body, headers, status, code):
    if isinstance(body, dict) and body.get("tier", 1) is None:
        body = {"tier": tier.pk}

    answer = call(path, body, **headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer["X-Request-Id"]
    assert not PointEntry.objects.exists() and not PointEvent.objects.exists()


@pytest.mark.parametrize("email", ["", "kim", "kim@", 5, "k" * 250 + "@example.com"])
def test_an_email_that_is_none_is_refused_by_name(call, program, email):
    alone = call("events", {**EVENT, "email": email})
    of_many = call("events", {"events": [{**EVENT, "email": email}, {**EVENT, "event_id": "e2", "email": None}]})

    assert alone.status_code == 422 and [row["pointer"] for row in alone.json()["errors"]] == ["/email"]
    bad, good = of_many.json()["results"]
    assert (bad["status"], bad["code"], good["status"]) == ("refused", "invalid_request", "counted")
    assert "email" in bad["detail"] and PointEvent.objects.get().event_id == "e2"


@pytest.mark.parametrize("is_batch", [False, True])
def test_an_automatic_exchange_is_emailed_to_the_address_of_its_event(call, campaign, program, now, is_batch):
    add_tier(program, points=60, group=campaign.groups.get(), is_automatic=True, now=now)
    event = {**EVENT, "email": "Kim@example.com"}

    for _time in range(2):
        call("events", {"events": [event]} if is_batch else event)

    assert Mail.objects.get(kind="points_exchanged").to_email == "kim@example.com"


def test_an_app_that_has_left_reverses_and_reads_what_it_made_and_earns_nothing(call, campaign, program, tier, now):
    call("events", EVENT)
    call("users/ada/points/adjustments", {"points": 500, "reason": "x"}, **KEY)
    made = call("users/ada/exchanges", {"tier": tier.pk}, **KEY).json()
    leave_app(program, campaign.app, by=campaign.organization.members.get(), now=now)
    before = PointEntry.objects.count()

    refused = [
        call("events", {**EVENT, "event_id": "e2"}),
        call("users/ada/exchanges", {"tier": tier.pk}, **{"Idempotency-Key": "other"}),
        call("users/ada/points/adjustments", {"points": 5, "reason": "x"}, **{"Idempotency-Key": "other"}),
        call("users/ada/points-page", {}),
        call("users/ada/points"),
        call("users/ada/points/entries"),
        call("program"),
    ]

    assert {answer.json()["code"] for answer in refused} == {"no_program"} and PointEntry.objects.count() == before
    listed = call("users/ada/exchanges").json()["data"]
    assert [(row["id"], row["reward_url"]) for row in listed] == [(made["id"], made["reward_url"])]
    assert call("users/bob/exchanges").json()["data"] == []
    assert call("events/e1/reverse", {}).json()["points"] > 0


def test_a_refusal_points_to_the_member_at_fault(call, program):
    answer = call("events", {**EVENT, "quantity": -1}).json()

    assert [row["pointer"] for row in answer["errors"]] == ["/quantity"]
    assert call("events", {**EVENT, "action": "x"}).json()["errors"][0]["pointer"] == "/action"


def test_reversals_and_adjustments_are_in_the_ledger(call, program):
    call("events", {**EVENT, "quantity": 3})

    part = call("events/e1/reverse", {"quantity": 1, "reason": "Returned"}, **KEY)
    again = call("events/e1/reverse", {"quantity": 1, "reason": "Returned"}, **KEY)
    other = call("events/e1/reverse", {"quantity": 2}, **KEY)
    given = call("users/ada/points/adjustments", {"points": 7, "reason": "Sorry"}, **KEY)
    whole = call("events/e1/reverse", method="POST")
    last = call("events/e1/reverse", {})

    assert part.json() == {
        "event_id": "e1",
        "points": 20,
        "reversed": 20,
        "available": 40,
        "pending": 0,
        "owed": 0,
        "replayed": False,
    }
    assert again.json()["replayed"] is True and again["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (given.status_code, given.json()["available"]) == (201, 47)
    assert (whole.json()["points"], whole.json()["reversed"], last.json()["replayed"]) == (40, 60, True)
    page = call("users/ada/points/entries?limit=3").json()
    assert [(row["kind"], row["points"]) for row in page["data"]] == [
        ("reversal", -40),
        ("adjustment", 7),
        ("reversal", -20),
    ]
    rest = call(f"users/ada/points/entries?cursor={page['next']}").json()
    assert [(row["kind"], row["event_id"]) for row in rest["data"]] == [("credit", "e1")] and rest["next"] is None
    assert AuditEntry.objects.filter(event="points_adjusted").count() == 1


@pytest.mark.parametrize(
    "odd",
    ["team/ada", "/ada", "ada/", "a//b", "ada/points", "ada/points/entries", "../ada", "a?b#c", "a%2Fb", "a\nb", "é"],
)
def test_ids_may_contain_anything_that_is_encoded(call, program, tier, odd):
    own = quote(odd, safe="")
    assert call("events", {**EVENT, "user_id": odd, "event_id": odd}).json()["points"] == 60
    call("events", {**EVENT, "user_id": odd, "event_id": "another"})

    assert call(f"users/{own}/points").json()["user_id"] == odd
    assert call(f"users/{own}/points/entries").json()["data"][1]["event_id"] == odd
    assert call(f"users/{own}/exchanges", {"tier": tier.pk}, **KEY).json()["available"] == 20
    assert len(call(f"users/{own}/exchanges").json()["data"]) == 1
    assert call(f"users/{own}/points/adjustments", {"points": 7, "reason": "x"}, **KEY).json()["available"] == 27
    assert call(f"users/{own}/points-page", {}).status_code == 201
    assert call(f"events/{own}/reverse", {}).json()["points"] == 60


def test_a_link_to_the_points_page_works_for_its_time(call, program, campaign, now):
    answer = call("users/ada/points-page", {"ttl_seconds": 60})

    assert answer.status_code == 201
    token = answer.json()["url"].rsplit("/", 2)[-2]
    visit = open_page_link(token, now=now)
    assert (visit.program, visit.app, visit.app_user_id, visit.is_live) == (program, campaign.app, "ada", True)
    assert call("users/ada/points-page", method="POST").status_code == 201


def test_the_program_tells_its_rules(call, program, tier, now):
    add_rule(program, action="buy", category="books", points_per_amount=2, currency="USD", daily_cap=50, now=now)
    edit_rule(program.rules.get(action="level"), points_per_event=61, now=now)

    shown = call("program").json()

    assert [(row["action"], row["category"], row["points_per_event"]) for row in shown["rules"]] == [
        ("buy", "books", 0),
        ("level", None, 61),
    ]
    assert shown["categories"] == [{"key": "books", "name": "books"}]
    assert [row["id"] for row in shown["tiers"]] == [tier.pk] and shown["statuses"] == []


def test_a_test_key_uses_a_ledger_of_its_own_and_gets_previews(call, campaign, program, tier):
    key = make.api_key(campaign.app, ApiKey.Mode.TEST)
    call("events", EVENT)
    for number in range(2):
        call("events", {**EVENT, "event_id": f"e{number}"}, key=key)

    assert call("events", {**EVENT, "event_id": "e9", "action": "levle"}, key=key).json()["code"] == "unknown_action"
    assert call("users/ada/points", key=key).json()["available"] == 120
    exchanged = call("users/ada/exchanges", {"tier": tier.pk}, key=key, **KEY).json()

    assert exchanged["test_mode"] is True and exchanged["available"] == 20 and exchanged["reward_id"] is None
    assert call("users/ada/exchanges", key=key).json()["data"][0]["reward_url"] == exchanged["reward_url"]
    assert call("events/e1/reverse", {}, key=key).json()["owed"] == 40
    assert call("users/ada/points").json()["available"] == 60
    assert not Reward.objects.exists()


def test_every_error_of_version_1_is_a_problem_document(client, call):
    secret = {"Authorization": "Bearer mk_live_wrong"}
    answers = [
        client.post("/api/v1/events", "{", content_type="application/json", headers=secret),
        client.get("/api/v1/events", headers=secret),
        client.get("/api/v1/nothing", headers=secret),
        client.post("/api/v1/events", "x" * 530_000, content_type="application/json", headers=secret),
        client.post("/api/v1/users/a/exchanges", "x" * 70_000, content_type="application/json", headers=secret),
    ]

    assert [answer.status_code for answer in answers] == [401, 405, 404, 413, 413]
    assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert call("events", "{").json()["code"] == "invalid_request"


def test_without_a_key_nothing_is_shown(call, program, client):
    assert call("users/ada/points", key="mk_live_wrong").json()["code"] == "key_revoked"
    assert client.get("/api/v1/users/ada/points").status_code == 401


def test_the_document_describes_every_route(client):
    paths = client.get("/api/openapi.json").json()["paths"]

    assert set(paths) == {
        "/prod/GetReward",
        "/prod/GetRewardInfo",
        "/api/v1/campaigns",
        "/api/v1/campaigns/{campaign_id}",
        "/api/v1/events",
        "/api/v1/events/{event_id}/reverse",
        "/api/v1/feed",
        "/api/v1/program",
        "/api/v1/rewards",
        "/api/v1/rewards/preview",
        "/api/v1/rewards/{reward_id}",
        "/api/v1/rewards/{reward_id}/void",
        "/api/v1/spend",
        "/api/v1/users/{user_id}/points",
        "/api/v1/users/{user_id}/points/entries",
        "/api/v1/users/{user_id}/points/adjustments",
        "/api/v1/users/{user_id}/points-page",
        "/api/v1/users/{user_id}/exchanges",
        "/api/v1/webhook-deliveries",
    }


def test_points_that_wait_and_expire_are_shown(call, program, now):
    add_rule(program, action="buy", points_per_event=50, pending_days=3, points_valid_days=5, now=now)

    assert call("events", {**EVENT, "action": "buy"}).json()["pending"] == 50
    late = (now - dt.timedelta(days=4)).isoformat()
    assert call("events", {**EVENT, "event_id": "e2", "action": "buy", "occurred_at": late}).json()["pending"] == 0
    shown = call("users/ada/points").json()

    assert (shown["available"], shown["pending"]) == (50, 50)
    assert [row["points"] for row in shown["expiring"]] == [50, 50]
    assert all(row["expires_at"].endswith("Z") for row in shown["expiring"])


def test_a_validators_sentence_comes_without_the_librarys_words_before_it(call, program):
    answer = call("events", {"event_id": "e-1", "user_id": "ada", "action": "level", "email": "no address"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"].startswith("email is “no address”")
    assert "Value error" not in answer.text
