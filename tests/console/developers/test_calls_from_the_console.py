"""The page that tests a campaign: its preview, the calls to copy, a call made from the console."""

import html
import json
import pathlib
import subprocess
import sys

import playwright
import pytest
from django.urls import reverse

from campaigns.models import BudgetEntry, Campaign
from campaigns.setup.service import save_moment
from console.developers.snippets import CALLS, LANGUAGES, request_body, snippet
from console.developers.test_calls import FORCED
from outbox.models import Event
from rewards.models import Reward
from tests import make

NODE = pathlib.Path(playwright.__file__).parent / "driver" / "node"  # the wheel brings one


@pytest.fixture(autouse=True)
def fast(settings):
    settings.API_RATE = "1000/s"


def page_of(campaign) -> str:
    return reverse("console:developers:test", args=[campaign.pk])


def try_it(client, campaign, **changes):
    body = {"call": "GetReward", "momentId": campaign.moments.first().key, "rewardGroupId": "US", "deviceType": "Web"}
    return client.post(reverse("console:developers:test_call", args=[campaign.pk]), {**body, **changes})


def answered(response) -> tuple[int, dict]:
    found = response.context["found"]
    return found.status, json.loads(found.response.partition("\n\n")[2])


def counts():
    return Reward.objects.count(), BudgetEntry.objects.count(), Event.objects.count()


@pytest.mark.slow
def test_a_call_in_any_state_answers_with_the_preview_and_changes_nothing(console, member):
    for status in Campaign.Status.values:
        campaign, before = make.campaign(status, of=member), counts()

        code, answer = answered(try_it(console, campaign, userId="user-1", idempotencyKey="key"))

        assert (code, answer["testMode"], answer["rewardId"]) == (200, True, None), status
        assert counts() == before
        assert Campaign.objects.get(pk=campaign.pk).total_spent_cents == 0


@pytest.mark.slow
def test_it_answers_what_a_test_key_is_answered(console, client, member):
    campaign = make.campaign(of=member)
    key = make.api_key(campaign.app, mode="test")
    for call in CALLS:
        for changes in ({}, {"momentId": "nowhere"}, {"userId": "moments-test-user_limit_reached"}):
            shown = answered(try_it(console, campaign, call=call, **changes))
            body = {**request_body(campaign, campaign.moments.get(), campaign.groups.get()), **changes}

            answer = client.post(f"/prod/{call}", body, content_type="application/json", headers={"x-api-key": key})

            assert shown == (answer.status_code, answer.json())


@pytest.mark.slow
def test_every_refusal_can_be_forced_and_wrong_values_are_refused_in_the_answer(console, member):
    campaign, before = make.campaign(of=member), counts()

    forced = [answered(try_it(console, campaign, refuse_with=code))[1]["errorCode"] for code in FORCED]
    wrong = {
        name: answered(try_it(console, campaign, **{name: value}))[1]["errorCode"]
        for name, value in [
            ("momentId", ""),
            ("rewardGroupId", "MARS"),
            ("deviceType", "Toaster"),
            ("userId", "u" * 200),
            ("idempotencyKey", "k" * 256),
        ]
    }

    assert forced == FORCED
    assert set(wrong.values()) == {"invalid_request", "unknown_reward_group", "unknown_device_type"}
    assert counts() == before


@pytest.mark.slow
def test_it_keeps_to_the_rate_of_the_app(console, member):
    campaign = make.campaign(of=member)
    type(campaign.app).objects.filter(pk=campaign.app_id).update(rate_per_second=1)

    codes = [answered(try_it(console, campaign))[0] for _number in range(4)]

    assert codes.count(200) == 2 and codes[-1] == 429


@pytest.mark.parametrize("bad", [{"userId": "a\x00b"}, {"momentId": "x" * 10_000}, {"call": "DropTables"}])
def test_what_no_call_can_hold_is_refused_at_its_field_and_kept(console, member, bad):
    campaign = make.campaign(of=member)

    answer = try_it(console, campaign, **bad)

    assert answer.status_code == 200
    assert answer.context["found"] is None and list(answer.context["form"].errors) == list(bad)


def test_the_page_is_filled_in_for_what_was_chosen(console, member, django_assert_max_num_queries):
    campaign = make.campaign("draft", of=member)
    save_moment(campaign, key="level-20", description="Reaches level 20")

    with django_assert_max_num_queries(8):
        page = console.get(page_of(campaign), {"moment": "level-20", "language": "python"})
    text = html.unescape(page.text)

    assert '"momentId": "level-20"' in text and "urllib.request" in text and "/prod/GetRewardInfo" in text
    assert "$MOMENTS_KEY" in text and "mk_" not in text
    assert "/r/preview-" in text and "<svg" in text
    assert len(page.content) < 40_000
    assert console.get(page_of(campaign), {"moment": "\x00", "language": "cobol"}).status_code == 200


def test_without_a_reward_there_is_nothing_to_test(console, member):
    campaign = make.campaign("draft", of=member)
    campaign.groups.all().delete()

    assert "Nothing to test yet" in console.get(page_of(campaign)).text
    assert answered(try_it(console, campaign))[1]["errorCode"] == "unknown_reward_group"


def test_an_analyst_looks_and_a_stranger_finds_nothing(client, member):
    campaign = make.campaign(of=member)
    client.force_login(make.member("analyst", organization=member.organization).user)

    assert "Make the call" not in client.get(page_of(campaign)).text
    assert try_it(client, campaign).status_code == 403
    client.force_login(make.member().user)
    assert client.get(page_of(campaign)).status_code == try_it(client, campaign).status_code == 404


def test_redeeming_moves_nothing_on_the_page(console, member):
    campaign = make.campaign(of=member)
    reward = make.reward(campaign)
    before = answered(try_it(console, campaign)), answered(try_it(console, campaign, call="GetRewardInfo"))

    make.order(reward, by=make.customer())

    assert (answered(try_it(console, campaign)), answered(try_it(console, campaign, call="GetRewardInfo"))) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_snippets_are_whole_programs_whatever_stands_in_a_key(member, language):
    campaign = make.campaign(of=member)
    moment, group = campaign.moments.get(), campaign.groups.get()
    group.key = 'it\'s "quoted" $(touch x) \\ ü'
    text = snippet(language, "GetReward", request_body(campaign, moment, group))
    check = {
        "curl": ["bash", "-n"],
        "python": [sys.executable, "-c", "import ast, sys; ast.parse(sys.stdin.read())"],
        "javascript": [NODE, "--check", "--input-type=module", "-"],
    }[language]

    done = subprocess.run(check, input=text, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
