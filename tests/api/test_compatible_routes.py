"""How the compatible face reads a call: what is asked for, and which of two keys makes a repeat harmless."""

import json
from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from accounts.api_keys.authentication import find_caller
from api.compatible import routes as compatible
from api.compatible.routes import RewardRequest, fingerprint, idempotency_key, is_storable, rehearse
from moments.errors import RuleViolation
from rewards.models import Reward
from tests import make

BODY = {
    "appId": "a",
    "campaignId": "c",
    "momentId": "m",
    "rewardGroupId": "US",
    "deviceType": "Web",
}


def body_of(**fields) -> RewardRequest:
    return RewardRequest.model_validate({**BODY, **fields})


def request_of(**headers):
    return RequestFactory().post("/prod/GetReward", headers=headers)


# Keys


def test_a_key_comes_in_the_body_or_in_the_header():
    assert idempotency_key(body_of(), request_of()) is None
    assert idempotency_key(body_of(idempotencyKey="k1"), request_of()) == "k1"
    assert idempotency_key(body_of(), request_of(**{"Idempotency-Key": "k1"})) == "k1"
    assert idempotency_key(body_of(idempotencyKey="k1"), request_of(**{"Idempotency-Key": "k1"})) == "k1"


@pytest.mark.parametrize(
    ("in_body", "header", "words"),
    [
        ("", None, "is empty"),
        ("  ", None, "is empty"),
        (None, " ", "is empty"),
        ("k1", "k2", "differ"),
        (None, "k" * 256, "256 characters; 255 are allowed"),
        ("a\x00b", None, "cannot be stored"),
    ],
)
def test_a_key_that_is_blank_too_long_or_contradicted_is_refused(in_body, header, words):
    headers = {} if header is None else {"Idempotency-Key": header}

    with pytest.raises(RuleViolation, match=words) as caught:
        idempotency_key(body_of(idempotencyKey=in_body), request_of(**headers))

    assert caught.value.code == "invalid_request"


def test_what_is_asked_for_is_told_apart_without_the_key_and_the_hint():
    same = {
        fingerprint(body_of()),
        fingerprint(body_of(idempotencyKey="k1")),
        fingerprint(body_of(locale="de-DE")),
    }
    others = {fingerprint(body_of(**{name: "x"})) for name in (*BODY, "userId")}

    assert len(same) == 1 and len(others) == 6 and not same & others


@pytest.mark.parametrize(("text", "expected"), [("ä😀", True), ("", True), ("a\x00", False), ("\ud800", False)])
def test_what_postgresql_cannot_store_is_known(text, expected):
    assert is_storable(text) == expected


# Calls


@pytest.fixture
def caller(campaign):
    return find_caller(make.api_key(campaign.app))


def rehearsed(campaign, caller, name: str = "GetReward", **fields) -> SimpleNamespace:
    asked = {
        "appId": str(campaign.app_id),
        "campaignId": str(campaign.pk),
        "momentId": campaign.moments.get().key,
        "rewardGroupId": "US",
        "deviceType": "web",
        **fields,
    }
    answer = rehearse(name, json.dumps(asked).encode(), caller)
    return SimpleNamespace(status=answer.status_code, **json.loads(answer.content))


@pytest.mark.parametrize("device", ["web", "WEB", "fire os", "Fire_OS", "iOS"])
def test_a_device_is_known_however_it_is_written(campaign, caller, device):
    assert rehearsed(campaign, caller, deviceType=device).status == 200


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"appId": "no id"}, 404, "unknown_app"),
        ({"campaignId": "no id"}, 404, "unknown_campaign"),
        ({"momentId": "nothing"}, 404, "unknown_moment"),
        ({"rewardGroupId": "XX"}, 404, "unknown_reward_group"),
        ({"deviceType": "Toaster"}, 400, "unknown_device_type"),
        ({"userId": "  "}, 400, "invalid_request"),
        ({"userId": "a\x00"}, 400, "invalid_request"),
        ({"userId": 7}, 400, "invalid_request"),
        ({"momentId": "m" * 61}, 400, "invalid_request"),
    ],
)
@pytest.mark.parametrize("name", ["GetReward", "GetRewardInfo"])
def test_a_call_that_cannot_be_meant_is_refused_and_issues_nothing(campaign, caller, name, fields, status, code):
    answer = rehearsed(campaign, caller, name, **fields)

    assert (answer.status, answer.errorCode) == (status, code)
    assert not Reward.objects.exists()


def test_the_app_of_another_organization_is_as_unknown_as_none(campaign, caller):
    answer = rehearsed(campaign, caller, appId=str(make.app().pk))

    assert (answer.status, answer.errorCode) == (404, "unknown_app")


def test_looking_consumes_nothing_and_names_the_terms(campaign, caller):
    answer = rehearsed(campaign, caller, "GetRewardInfo")

    assert (answer.rewardNotificationUrl, answer.rewardId, answer.testMode) == (None, None, False)
    assert answer.retailValue == "25.00" and str(campaign.pk) in answer.termsUrl
    assert not Reward.objects.exists()


def test_a_test_key_forces_every_refusal_and_a_live_key_none(campaign, caller):
    tester = find_caller(make.api_key(campaign.app, mode="test"))

    forced = rehearsed(campaign, tester, userId="moments-test-campaign_budget_exhausted")
    issued = rehearsed(campaign, caller, userId="moments-test-campaign_budget_exhausted")

    assert (forced.status, forced.errorCode) == (409, "campaign_budget_exhausted")
    assert issued.status == 200 and Reward.objects.count() == 1


def test_what_is_no_call_of_ours_is_answered_as_the_original_does():
    for path in ("GetPoints", "GetRewards", "", "getreward/"):
        answer = compatible.answer(RequestFactory().post(f"/prod/{path}"), path)
        assert (answer.status_code, json.loads(answer.content)) == (403, {"message": "Missing Authentication Token"})
    assert compatible.answer(RequestFactory().get("/prod/GetReward"), "GetReward").status_code == 403
