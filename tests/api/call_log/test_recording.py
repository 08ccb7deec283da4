"""Which calls the log keeps, with what, and that it is never in a call's way."""

import datetime as dt
import json
import logging
import queue

import pytest
from django.db import DatabaseError

from accounts.models import ApiKey, App
from accounts.organizations.service import revoke_api_key
from api.call_log import recorder as recorders
from api.call_log.masking import mask_text
from api.call_log.recorder import recorder
from api.call_log.retention import forget_old_calls
from api.models import ApiCall
from rewards.models import Reward
from tests import make


@pytest.fixture(autouse=True)
def fast(settings):
    settings.API_RATE = "1000/s"


@pytest.fixture
def secret(campaign):
    return make.api_key(campaign.app)


@pytest.fixture
def get_reward(client, campaign, secret):
    def act(*, key=secret, **changes):
        body = {"appId": str(campaign.app_id), "campaignId": str(campaign.pk), "rewardGroupId": "US"}
        body |= {"momentId": campaign.moments.first().key, "deviceType": "iOS", "userId": "ada", **changes}
        return client.post(
            "/prod/GetReward", json.dumps(body), content_type="application/json", headers={"x-api-key": key}
        )

    return act


def test_a_call_is_kept_with_what_was_asked_and_answered(log, get_reward, campaign, secret, now):
    answer = get_reward()

    (call,) = log()
    assert (call.method, call.path, call.status, call.code) == ("POST", "/prod/GetReward", 200, "")
    assert (call.organization_id, call.app_id) == (campaign.organization_id, campaign.app_id)
    assert (call.key_hint, call.is_live) == (secret[:12], True)
    assert (call.campaign_id, call.app_user_id) == (campaign.pk, "ada")
    assert call.reward_id == Reward.objects.get().pk
    assert call.request_id == answer["X-Request-Id"]
    assert abs(call.occurred_at - now) < dt.timedelta(seconds=30)
    assert json.loads(call.request_body)["momentId"] == campaign.moments.first().key
    assert json.loads(call.response_body)["testMode"] is False


def test_keys_links_and_addresses_are_masked_before_they_are_stored(log, get_reward, client, secret):
    escaped = '{"email": "kim@example.com", "note": "ask lee\\u0040example.org", "key": "' + secret + '"}'
    url = get_reward().json()["rewardNotificationUrl"]
    client.post(
        "/api/v1/events?mail=max%40example.com",
        escaped,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )

    stored = json.dumps(list(ApiCall.objects.values()) if log() else [], default=str)
    assert url.rstrip("/").rpartition("/")[2] not in stored
    assert secret[12:] not in stored
    for address in ("kim", "lee", "max", "example.com", "example.org"):
        assert address not in stored, stored
    assert "(masked)" in stored


def test_a_body_that_is_no_json_is_masked_too_and_a_long_one_is_cut(log, client, secret):
    body = f"kim@example.com {secret} /r/abcdefgh/ {'x' * 20_000}"
    client.post("/prod/GetReward", body, content_type="application/json", headers={"x-api-key": secret})

    (call,) = log()
    assert "kim" not in call.request_body and secret[12:] not in call.request_body
    assert "abcdefgh" not in call.request_body
    assert len(call.request_body) < 4_100 and call.request_body.endswith(f"({len(body)} bytes)")
    assert (call.status, call.code) == (400, "invalid_request")


def test_a_long_word_is_masked_in_one_pass():
    """A pattern that begins again at each letter would take minutes, in which the process answers nobody."""
    word = "x" * 1_000_000

    assert mask_text(f"{word} kim@example.com {word}") == f"{word} (masked) {word}"
    assert mask_text(f"{word}@example.com") == "(masked)"
    assert mask_text("a=kim%40example.com&b=<lee@example.org>") == "a=(masked)&b=<(masked)>"


def test_a_reward_of_version_1_is_found_and_the_status_of_its_email_stays_readable(log, client, campaign, secret):
    body = {"campaign": str(campaign.pk), "moment": campaign.moments.first().key, "group": "US", "user_id": "ada"}
    answer = client.post(
        "/api/v1/rewards",
        json.dumps({**body, "email": "kim@example.com", "send": True}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "k1"},
    )
    assert answer.status_code == 201, answer.content

    (call,) = log()
    assert str(call.reward_id) == answer.json()["id"]
    assert json.loads(call.request_body)["email"] == "(masked)"
    assert json.loads(call.response_body)["email"] == {"status": "queued"}
    assert "/r/…" in call.response_body


def test_refusals_have_their_codes(log, get_reward, client, secret):
    assert get_reward(momentId="nothing").status_code == 404
    client.get("/api/v1/program", headers={"Authorization": f"Bearer {secret}"})

    assert [(call.status, call.code) for call in log()] == [(404, "unknown_moment"), (404, "no_program")]


def test_a_users_id_is_found_in_the_path(log, client, secret):
    client.get("/api/v1/users/ada%20one/points", headers={"Authorization": f"Bearer {secret}"})

    assert [call.app_user_id for call in log()] == ["ada one"]


def test_a_key_that_no_longer_works_is_found_by_how_it_begins_and_stores_no_bodies(log, get_reward, member, now):
    key = ApiKey.objects.get()
    revoke_api_key(key, by=member.user, now=now)
    assert get_reward().status_code == 403
    assert get_reward(key=f"{key.hint}{'x' * 24}").status_code == 403

    calls = log()
    assert [(call.status, call.code, call.key_hint) for call in calls] == [(403, "key_revoked", key.hint)] * 2
    assert {(call.request_body, call.response_body, call.app_user_id, call.campaign_id) for call in calls} == {
        ("", "", "", None)
    }


def test_a_key_of_nobody_leaves_no_line(log, get_reward, client):
    assert get_reward(key="mk_live_nobody_has_this").status_code == 403
    assert get_reward(key="").status_code == 403
    assert client.get("/api/v1/program").status_code == 401

    assert log() == []


def test_a_beginning_that_two_keys_share_belongs_to_nobody(log, get_reward, campaign):
    hint = ApiKey.objects.get().hint
    make.api_key(make.app())
    ApiKey.objects.update(hint=hint)

    assert get_reward(key=f"{hint}{'x' * 24}").status_code == 403

    assert log() == []


def test_an_address_that_may_not_call_is_said(log, get_reward, campaign):
    App.objects.update(ip_allowlist=["10.1.2.3/32"])

    assert get_reward().status_code == 403

    assert [(call.status, call.code) for call in log()] == [(403, "ip_not_allowed")]


def test_calls_that_are_too_fast_are_counted_in_one_line(log, get_reward, settings):
    settings.API_RATE = "1/s"
    statuses = [get_reward().status_code for _number in range(6)]

    calls = log()
    refused = statuses.count(429)
    assert refused > 1
    assert [(call.code, call.repeats) for call in calls if call.status == 429] == [("rate_limited", refused)]
    assert sum(call.repeats for call in calls) == 6


def test_an_app_that_keeps_no_log_has_none(log, get_reward, campaign):
    App.objects.filter(pk=campaign.app_id).update(logs_calls=False)

    assert get_reward().status_code == 200
    assert get_reward(key=f"{ApiKey.objects.get().hint}{'x' * 24}").status_code == 403

    assert log() == []


def test_a_process_that_answers_no_calls_keeps_nothing(get_reward):
    assert get_reward().status_code == 200

    assert recorder.write_waiting() == 0 and not ApiCall.objects.exists()


def test_a_full_log_drops_lines_and_no_call(log, get_reward, monkeypatch):
    monkeypatch.setattr(recorder, "waiting", queue.Queue(1))

    assert [get_reward(userId=user).status_code for user in ("ada", "bob", "cy")] == [200, 200, 200]

    assert recorder.dropped == 2
    assert [call.app_user_id for call in log()] == ["ada"]


def test_a_log_that_cannot_be_written_is_said_and_harms_no_call(log, get_reward, monkeypatch, caplog):
    def fail(_records):
        raise DatabaseError("gone")

    get_reward()
    monkeypatch.setattr(recorders, "write_calls", fail)
    monkeypatch.setattr(recorders.connection, "close", lambda: None)
    monkeypatch.setattr(recorder, "dropped", 3)
    with caplog.at_level(logging.WARNING):
        recorder._write(recorder._take(min_age=0))

    assert "1 API calls were not logged: gone" in caplog.text and "3 API calls were not logged" in caplog.text
    assert recorder.dropped == 0


def test_a_fault_of_the_log_is_not_the_callers(log, get_reward, monkeypatch, caplog):
    monkeypatch.setattr(recorder, "add", lambda *_: 1 / 0)

    assert get_reward().status_code == 200

    assert "was not logged" in caplog.text


def test_calls_are_deleted_after_thirty_days(log, get_reward, now):
    get_reward()
    log()

    assert forget_old_calls(now=now + dt.timedelta(days=29), batch=500) == 0
    assert forget_old_calls(now=now + dt.timedelta(days=30, minutes=1), batch=500) == 1
    assert not ApiCall.objects.exists()
