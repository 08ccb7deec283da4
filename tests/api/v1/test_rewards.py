"""Rewards over HTTP: tried, issued, repeated."""

import pytest

from accounts.models import ApiKey
from campaigns.approval.transitions import take_down
from campaigns.models import Campaign
from outbox.models import Mail
from rewards.issuing.service import reward_link
from rewards.models import Reward
from tests import make

KEY = {"Idempotency-Key": "x"}
MEMBERS = {
    *("id", "campaign", "moment", "group", "user_id", "status", "url", "charge", "currency", "retail_value"),
    *("retail_currency", "issued_at", "expires_at", "voided_at", "external_id", "metadata", "email", "test_mode"),
}


def body_of(of, **fields) -> dict:
    moment, group = of.moments.get(), of.groups.get()
    return {"campaign": str(of.pk), "moment": moment.key, "group": group.key, "user_id": "ada", **fields}


def key_of(number: object) -> dict:
    return {"Idempotency-Key": str(number)}


# Dry runs


def test_a_preview_says_what_a_reward_would_cost_and_issues_nothing(call, campaign):
    answer = call("rewards/preview", body_of(campaign))

    expected = {"would_issue": True, "charge": "27.50", "currency": "USD", "remaining": 181, "reasons": []}
    assert answer.status_code == 200 and answer.json() == expected
    assert not Reward.objects.exists() and Campaign.objects.get(pk=campaign.pk).total_spent_cents == 0


def test_a_preview_names_every_reason(call, campaign, now):
    make.reward(campaign, app_user_id="ada", external_id="order-1")
    take_down(campaign, by=None, now=now)
    Campaign.objects.filter(pk=campaign.pk).update(
        total_budget_cents=5_000, monthly_limit_cents=3_000, held_at=now, held_because="brake"
    )

    answer = call("rewards/preview", body_of(campaign, external_id="order-1")).json()

    assert (answer["would_issue"], answer["remaining"], answer["charge"]) == (False, 0, "27.50")
    assert [reason["code"] for reason in answer["reasons"]] == [
        *("campaign_suspended", "held_for_review", "external_id_reused", "user_limit_reached"),
        *("campaign_budget_exhausted", "campaign_month_cap_reached"),
    ]
    assert all(reason["detail"] for reason in answer["reasons"]) and Reward.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"campaign": "nothing"}, ["unknown_campaign"]),
        ({"moment": "nothing", "group": "XX"}, ["unknown_moment", "unknown_reward_group"]),
    ],
)
def test_a_preview_of_what_does_not_exist_says_so(call, campaign, fields, codes):
    answer = call("rewards/preview", body_of(campaign, **fields)).json()

    assert (answer["would_issue"], answer["charge"], answer["remaining"]) == (False, None, answer["remaining"])
    assert [reason["code"] for reason in answer["reasons"]] == codes


def test_a_test_key_forces_a_reason_and_a_live_key_none(call, campaign):
    key, body = (
        make.api_key(campaign.app, ApiKey.Mode.TEST),
        body_of(campaign, user_id="moments-test-campaign_finished"),
    )

    forced = call("rewards/preview", body, key=key).json()

    assert [reason["code"] for reason in forced["reasons"]] == ["campaign_finished"]
    assert call("rewards", body, key=key, **KEY).json()["code"] == "campaign_finished"
    assert call("rewards/preview", body).json()["would_issue"] is True and not Reward.objects.exists()


# Issuing


def test_a_reward_is_issued_and_a_repeat_gets_it_again(call, campaign):
    body = body_of(campaign, external_id="order-1", metadata={"level": "10"}, device_type="fire os", locale="de-AT")

    issued = call("rewards", body, **KEY)
    again = call("rewards", body, **KEY)
    other_words = call("rewards", {**body, "locale": "fr"}, **KEY)

    reward = Reward.objects.select_related("campaign").get()
    answer = issued.json()
    assert issued.status_code == 201 and "Idempotent-Replayed" not in issued and set(answer) == MEMBERS
    assert (answer["id"], answer["status"], answer["url"]) == (str(reward.pk), "issued", reward_link(reward))
    assert (answer["charge"], answer["currency"]) == ("27.50", "USD")
    assert (answer["retail_value"], answer["retail_currency"]) == ("25.00", "USD")
    assert (answer["external_id"], answer["metadata"]) == ("order-1", {"level": "10"})
    assert answer["issued_at"].endswith("Z") and answer["expires_at"].endswith("Z")
    assert (answer["voided_at"], answer["email"], answer["test_mode"]) == (None, None, False)
    assert (reward.device_type, reward.locale, reward.source) == ("FireOS", "de-AT", "api")
    for repeat in (again, other_words):
        assert (repeat.status_code, repeat.json(), repeat["Idempotent-Replayed"]) == (200, answer, "true")
    assert Campaign.objects.get(pk=campaign.pk).total_spent_cents == 2750


def test_another_body_under_the_same_key_is_refused(call, campaign):
    call("rewards", body_of(campaign), **KEY)

    for change in ({"user_id": "bob"}, {"metadata": {"a": "b"}}, {"external_id": "1"}, {"device_type": "iOS"}):
        answer = call("rewards", body_of(campaign, **change), **KEY)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Reward.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": " "}, {"Idempotency-Key": "x" * 256}])
def test_without_a_key_nothing_is_issued(call, campaign, headers):
    answer = call("rewards", body_of(campaign), **headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert not Reward.objects.exists()


def test_an_external_id_names_one_reward_of_a_campaign(call, campaign):
    other = make.campaign(of=campaign.organization.members.get())
    Campaign.objects.filter(pk=other.pk).update(app=campaign.app)
    call("rewards", body_of(campaign, external_id="order-1"), **key_of(1))

    twice = call("rewards", body_of(campaign, external_id="order-1", user_id="bob"), **key_of(2))
    elsewhere = call("rewards", body_of(other, external_id="order-1"), **key_of(3))
    without = call("rewards", body_of(campaign, user_id="bob"), **key_of(2))  # a refused call binds nothing

    assert (twice.status_code, twice.json()["code"]) == (409, "external_id_reused")
    assert (elsewhere.status_code, without.status_code) == (201, 201)
    assert Campaign.objects.get(pk=campaign.pk).total_spent_cents == 2 * 2750


def test_the_limit_of_a_user_holds_across_keys(call, campaign):
    call("rewards", body_of(campaign), **key_of(1))

    answer = call("rewards", body_of(campaign), **key_of(2))

    assert (answer.status_code, answer.json()["code"]) == (409, "user_limit_reached") and Reward.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"color": "blue"}, 422, "invalid_request"),
        ({"user_id": None}, 422, "invalid_request"),
        ({"user_id": ""}, 422, "invalid_request"),
        ({"user_id": " "}, 400, "invalid_request"),
        ({"user_id": "a\x00"}, 400, "invalid_request"),
        ({"user_id": "a" * 129}, 422, "invalid_request"),
        ({"user_id": 7}, 422, "invalid_request"),
        ({"external_id": ""}, 422, "invalid_request"),
        ({"external_id": " "}, 400, "invalid_request"),
        ({"external_id": "a" * 129}, 422, "invalid_request"),
        ({"metadata": {"a": 1}}, 422, "invalid_request"),
        ({"metadata": ["a"]}, 422, "invalid_request"),
        ({"metadata": {"": "a"}}, 422, "invalid_request"),
        ({"metadata": {"a" * 41: "a"}}, 422, "invalid_request"),
        ({"metadata": {"a": "a" * 501}}, 422, "invalid_request"),
        ({"metadata": {str(number): "a" for number in range(21)}}, 422, "invalid_request"),
        ({"metadata": {"a": "\x00"}}, 400, "invalid_request"),
        ({"metadata": {"\x00": "a"}}, 400, "invalid_request"),
        ({"email": "kim"}, 422, "invalid_request"),
        ({"send": "true"}, 422, "invalid_request"),
        ({"send": True}, 400, "invalid_request"),
        ({"device_type": "Toaster"}, 400, "unknown_device_type"),
        ({"campaign": "nothing"}, 404, "unknown_campaign"),
        ({"campaign": ""}, 422, "invalid_request"),
        ({"moment": "nothing"}, 404, "unknown_moment"),
        ({"group": "XX"}, 404, "unknown_reward_group"),
    ],
)
def test_a_call_that_cannot_be_meant_issues_nothing(call, campaign, change, status, code):
    answer = call("rewards", body_of(campaign, **change), **KEY)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Reward.objects.exists() and not Mail.objects.filter(kind="reward_issued").exists()


def test_another_organizations_campaign_is_unknown(call, campaign):
    theirs = make.campaign()

    assert call("rewards", body_of(theirs), **KEY).json()["code"] == "unknown_campaign"
    assert call("rewards/preview", body_of(theirs)).json()["reasons"][0]["code"] == "unknown_campaign"
    assert not Reward.objects.exists()


@pytest.mark.parametrize("status", ["approved", "draft"])
def test_in_test_mode_there_is_a_preview_and_no_reward(call, campaign, status):
    tried = make.campaign(status, of=campaign.organization.members.get())
    mode = ApiKey.Mode.LIVE if status == "approved" else ApiKey.Mode.TEST
    key, body = make.api_key(tried.app, mode), body_of(tried, email="kim@example.com", send=True)

    answers = [call("rewards", body, key=key, **key_of(number)) for number in range(2)]

    first, second = (answer.json() for answer in answers)
    assert first == second and set(first) == MEMBERS and {answer.status_code for answer in answers} == {201}
    assert (first["id"], first["test_mode"], first["email"], first["status"]) == (None, True, None, "issued")
    assert "/r/preview-" in first["url"] and first["retail_value"] == "25.00"
    assert not Reward.objects.exists() and not Mail.objects.filter(kind="reward_issued").exists()
    assert call("rewards/preview", body, key=key).json()["would_issue"] is True
