"""The log of API calls in the console: list, search, filters, one call, and the way to it from a reward."""

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse

from accounts.models import App, Member
from api.models import ApiCall
from tests import make

LIST = reverse("console:developers:api_calls")


@pytest.fixture
def logged(member, now):
    """``logged(status=403)`` is a call of the member's organization."""
    app = make.app(member)

    def act(of=app, **fields) -> ApiCall:
        given = {"method": "POST", "path": "/api/v1/events", "status": 200, "milliseconds": 12, "request_id": "0" * 16}
        given |= {"key_hint": "mk_live_abcd", "is_live": True, "occurred_at": now, **fields}
        return ApiCall.objects.create(organization_id=of.organization_id, app=of, **given)

    return act


def shown(answer) -> list[int]:
    """Ids of the calls on a page, in their order."""
    return [int(pk) for pk in re.findall(r'href="/console/developers/logs/(\d+)/"', answer.content.decode())]


def test_calls_are_listed_the_newest_first_page_by_page(console, logged):
    calls = [logged().pk for _number in range(53)][::-1]

    first = console.get(LIST)
    second = console.get(f"{LIST}?before={shown(first)[-1]}")

    assert shown(first) + shown(second) == calls
    assert "Newest" in second.content.decode() and "Older" not in second.content.decode()


def test_a_search_finds_by_each_kind_of_text(console, logged):
    campaign, reward = uuid.uuid4(), uuid.uuid4()
    call = logged(
        request_id="0123456789abcdef",
        app_user_id="ada",
        code="unknown_moment",
        path="/prod/GetReward",
        campaign_id=campaign,
        reward_id=reward,
    )
    logged()

    for text in ("0123456789abcdef", "ada", "unknown_moment", "/prod/", str(campaign), str(reward)):
        assert shown(console.get(LIST, {"q": text})) == [call.pk], text
    for text in ("ad", "/prod/x", str(uuid.uuid4()), "%", "0" * 15):
        assert shown(console.get(LIST, {"q": text})) == [], text


def test_filters_narrow_the_list(console, member, logged, now):
    refused, tested = logged(status=403), logged(is_live=False)
    other, old = logged(of=make.app(member)), logged(occurred_at=now - dt.timedelta(days=3))

    assert shown(console.get(LIST, {"status": "refused"})) == [refused.pk]
    assert shown(console.get(LIST, {"status": "403"})) == [refused.pk]
    assert shown(console.get(LIST, {"status": "succeeded"})) == [old.pk, other.pk, tested.pk]
    assert shown(console.get(LIST, {"mode": "test"})) == [tested.pk]
    assert shown(console.get(LIST, {"app": other.app_id})) == [other.pk]
    day = (now - dt.timedelta(days=3)).date()
    assert shown(console.get(LIST, {"since": day, "until": day})) == [old.pk]
    assert "No call matches" in console.get(LIST, {"status": "500"}).content.decode()


def test_values_that_no_filter_has_are_said_and_harm_nothing(console, logged):
    logged()
    for query in (
        {"status": "x"},
        {"app": "x"},
        {"since": "2026-13-01"},
        {"before": "x"},
        {"since": "0001-01-01"},
        {"q": "\x00"},
    ):
        assert console.get(LIST, query).status_code == 200, query


def test_a_call_is_shown_with_both_bodies(console, logged):
    call = logged(
        status=422,
        code="unknown_action",
        request_body='{"action": "<b>"}',
        response_body='{"code": "unknown_action"}',
        repeats=7,
        app_user_id="a&b",
    )

    page = console.get(reverse("console:developers:api_call", args=[call.pk])).content.decode()

    assert "&quot;action&quot;: &quot;&lt;b&gt;&quot;" in page and "<b>" not in page
    assert "7 calls were too fast" in re.sub(r"\s+", " ", page) and "?q=a%26b" in page


def test_calls_of_another_organization_do_not_exist(console, logged):
    foreign = logged(of=make.app(make.member()))

    assert shown(console.get(LIST)) == []
    assert console.get(reverse("console:developers:api_call", args=[foreign.pk])).status_code == 404
    assert shown(console.get(LIST, {"app": foreign.app_id})) == []


def test_an_analyst_reads_the_log(client, member, logged):
    call = logged()
    client.force_login(make.member(Member.Role.ANALYST, organization=member.organization).user)

    assert shown(client.get(LIST)) == [call.pk]


def test_a_reward_leads_to_the_call_that_issued_it(console, member, logged):
    issued = make.reward(make.campaign(of=member))
    page = reverse("console:rewards:detail", args=[issued.pk])
    assert "The call that issued it" not in console.get(page).content.decode()

    call = logged(reward_id=issued.pk)

    assert f"{LIST}?q={issued.pk}" in console.get(page).content.decode()
    assert shown(console.get(LIST, {"q": str(issued.pk)})) == [call.pk]


def test_the_log_of_an_app_is_turned_off_in_its_settings(console, member):
    app = make.app(member)
    page = reverse("console:developers:app", args=[app.pk])
    settings = {"name": app.name, "url": "", "opens_in": "browser", "allowlist": ""}

    assert console.post(page, settings).status_code == 302

    assert not App.objects.get(pk=app.pk).logs_calls
    assert "are not logged" in console.get(LIST).content.decode()
    assert console.post(page, {**settings, "logs_calls": "on"}).status_code == 302
    assert App.objects.get(pk=app.pk).logs_calls


def test_before_the_first_call_the_page_says_how_to_make_one(console):
    assert "No calls yet" in console.get(LIST).content.decode()
