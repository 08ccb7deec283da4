"""Rewards over HTTP: listed, looked at, voided, emailed."""

import datetime as dt

import pytest

from accounts.models import ApiKey, AuditEntry
from campaigns.models import Campaign
from outbox.emails.suppression import suppress_address
from outbox.models import Event, Mail
from rewards.models import Reward
from tests import make
from tests.api.v1.test_rewards import KEY, body_of, key_of
from tests.harness.owner import owner

LATER = dt.timedelta(minutes=1)


def ids(answer) -> list[str]:
    return [row["id"] for row in answer.json()["data"]]


def newest_first(*rewards: Reward) -> list[str]:
    return [str(reward.pk) for reward in sorted(rewards, key=lambda one: (one.issued_at, one.pk), reverse=True)]


# Lists


def test_rewards_are_listed_in_pages_newest_first(call, campaign):
    made = [make.reward(campaign, app_user_id=f"user-{number}") for number in range(5)]

    found, cursor = [], ""
    while True:
        page = call(f"rewards?limit=2{cursor}")
        found += ids(page)
        if page.json()["next"] is None:
            break
        cursor = f"&cursor={page.json()['next']}"

    assert found == newest_first(*made)


def test_rewards_are_found_by_campaign_user_and_id_of_yours(call, campaign):
    member = campaign.organization.members.get()
    other = make.campaign(of=member, per_user_limit=2)
    Campaign.objects.filter(pk=other.pk).update(app=campaign.app)
    other.refresh_from_db()
    ada, bob = (make.reward(campaign, app_user_id=user, external_id=user) for user in ("ada", "bob"))
    twin = make.reward(other, app_user_id="ada", external_id="ada")

    assert ids(call(f"rewards?campaign={other.pk}")) == newest_first(twin)
    assert ids(call("rewards?user_id=ada")) == newest_first(ada, twin)
    assert ids(call("rewards?external_id=ada")) == newest_first(ada, twin)
    assert ids(call(f"rewards?external_id=ada&campaign={campaign.pk}")) == newest_first(ada)
    assert ids(call("rewards?user_id=bob&external_id=bob")) == newest_first(bob)
    assert ids(call("rewards?user_id=cleo")) == []


def test_rewards_are_found_by_status(call, campaign, now):
    issued, voided = (make.reward(campaign, app_user_id=user) for user in ("ada", "bob"))
    call(f"rewards/{voided.pk}/void", method="POST")

    assert ids(call("rewards?status=issued")) == newest_first(issued)
    assert ids(call("rewards?status=voided")) == newest_first(voided)
    assert ids(call("rewards?status=window_closed")) == []
    Campaign.objects.filter(pk=campaign.pk).update(rewards_expire_at=now - LATER)
    assert ids(call("rewards?status=window_closed&user_id=ada")) == newest_first(issued)
    assert ids(call("rewards?status=issued")) == []
    assert call(f"rewards/{issued.pk}").json()["status"] == "window_closed"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("status=redeemed", 422, "invalid_request"),
        ("limit=0", 422, "invalid_request"),
        ("cursor=x", 400, "invalid_request"),
        ("cursor=6b1f3a0e-7b0e-7f5e-8a55-0d2e4b6c8a90", 400, "invalid_request"),
        ("campaign=x", 404, "unknown_campaign"),
        ("user_id=%00", 400, "invalid_request"),
        ("user_id=", 422, "invalid_request"),
        ("external_id=", 422, "invalid_request"),
        ("campaign=", 404, "unknown_campaign"),
    ],
)
def test_a_bad_query_is_refused(call, campaign, query, status, code):
    answer = call(f"rewards?{query}")

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_rewards_of_others_and_of_live_keys_are_not_found(call, campaign):
    reward = make.reward(campaign, app_user_id="ada")
    keys = [
        make.api_key(campaign.app, ApiKey.Mode.TEST),
        make.api_key(make.app(campaign.organization.members.get())),
        make.api_key(make.app()),
    ]

    for key in keys:
        assert ids(call("rewards", key=key)) == ids(call("rewards?user_id=ada", key=key)) == []
        for answer in (
            call(f"rewards/{reward.pk}", key=key),
            call(f"rewards/{reward.pk}/void", key=key, method="POST"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_reward")
    assert call("rewards/nothing").status_code == 404
    assert Reward.objects.get().voided_at is None


def test_a_reward_whose_key_is_gone_is_listed_without_its_url(call, campaign):
    reward = make.reward(campaign)
    with owner() as cursor:
        cursor.execute("UPDATE rewards_reward SET token_key_version = 99 WHERE id = %s", [reward.pk])

    assert call("rewards").json()["data"][0]["url"] is None


# Voids


def test_a_void_is_answered_with_the_reward_and_happens_once(call, campaign):
    reward = make.reward(campaign, app_user_id="ada")
    before = Campaign.objects.get(pk=campaign.pk).total_spent_cents

    first, second = (call(f"rewards/{reward.pk}/void", method="POST") for _time in range(2))

    assert first.status_code == 200 and first.json()["status"] == "voided" and first.json()["voided_at"]
    assert second.json() == first.json() == call(f"rewards/{reward.pk}").json()
    assert Event.objects.filter(type="reward.voided").count() == 1
    assert AuditEntry.objects.filter(event="reward_voided").count() == 1
    assert Campaign.objects.get(pk=campaign.pk).total_spent_cents == before


# Emails


def test_a_reward_is_emailed_once_if_you_ask_for_it(call, campaign):
    body = body_of(campaign, email="Kim@example.com", send=True, locale="de")

    issued, again = call("rewards", body, **KEY), call("rewards", body, **KEY)

    assert issued.json()["email"] == {"status": "queued"} and again.json() == issued.json()
    mail = Mail.objects.get(kind="reward_issued")
    assert (mail.to_email, mail.language, mail.context) == ("kim@example.com", "de", {"reward": issued.json()["id"]})
    Mail.objects.filter(pk=mail.pk).update(status=Mail.Status.SENT)
    assert call(f"rewards/{issued.json()['id']}").json()["email"] == {"status": "sent"}


def test_an_address_without_send_is_neither_used_nor_stored(call, campaign):
    issued = call("rewards", body_of(campaign, email="kim@example.com"), **KEY).json()

    assert issued["email"] is None and not Mail.objects.filter(kind="reward_issued").exists()
    assert "kim@" not in str(Reward.objects.values())


def test_an_email_that_bounces_says_so(call, campaign, now):
    issued = call("rewards", body_of(campaign, email="kim@example.com", send=True), **KEY).json()
    suppress_address(Mail.objects.get(kind="reward_issued"), method="returned", status="5.1.1", why="No", now=now)

    assert call(f"rewards/{issued['id']}").json()["email"] == {"status": "bounced"}


@pytest.mark.parametrize("status", [Mail.Status.HELD, Mail.Status.DEAD, None])
def test_what_happened_to_the_address_elsewhere_reads_sent(call, campaign, status):
    """Held because another email bounced, or deleted because its owner erased their account."""
    issued = call("rewards", body_of(campaign, email="kim@example.com", send=True), **KEY).json()
    mails = Mail.objects.filter(kind="reward_issued")
    mails.update(status=status) if status else mails.delete()
    reward = Reward.objects.filter(pk=issued["id"])
    reward.update(issued_at=reward.get().issued_at - LATER)

    assert call("rewards").json()["data"][0]["email"] == {"status": "sent"}


def test_a_refused_reward_is_not_emailed(call, campaign):
    call("rewards", body_of(campaign), **key_of(1))

    answer = call("rewards", body_of(campaign, email="kim@example.com", send=True), **key_of(2))

    assert answer.status_code == 409 and not Mail.objects.filter(kind="reward_issued").exists()
