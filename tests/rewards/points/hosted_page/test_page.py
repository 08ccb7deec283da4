"""The points page: opened by a signed link, exchanged there, and closed when its time is over."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import App
from campaigns.approval.transitions import take_down
from rewards.models import PointAccount, PointExchange, Reward
from rewards.points.events import EventRequest, record_event
from rewards.points.hosted_page import views
from rewards.points.hosted_page.links import create_page_link
from rewards.points.setup.programs import clear_test_ledger, create_program
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier
from tests import make

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def program(campaign, now):
    member = campaign.organization.members.get()
    made = create_program(member, name="Stars", time_zone="Europe/Berlin", apps=[campaign.app], now=now)
    add_rule(made, action="level", points_per_event=60, by=member, now=now)
    return made


@pytest.fixture
def tier(program, campaign, now):
    member = campaign.organization.members.get()
    return add_tier(program, points=100, group=campaign.groups.get(), by=member, now=now)


def earn(campaign, times: int, now, *, user="ada", is_live=True) -> None:
    for number in range(times):
        request = EventRequest(event_id=f"{user}-{number}-{is_live}", app_user_id=user, action="level")
        record_event(campaign.app, request, is_live=is_live, now=now)


def path_of(campaign, now, **options) -> str:
    url = create_page_link(campaign.app, options.pop("user", "ada"), **options, now=now).url
    return url.removeprefix(re.match(r"https?://[^/]+", url)[0])


@pytest.fixture
def opened(campaign, tier, client, now):
    """The path of Ada's page; she has 120 points."""
    earn(campaign, 2, now)
    return client.get(path_of(campaign, now))["Location"]


def exchange_path(page: str, tier) -> str:
    return f"{page}exchange/{tier.pk}/"


def key_in(answer) -> str:
    return re.search(r'name="key" value="([^"]+)"', answer.text)[1]


def test_a_link_leads_to_a_path_without_it_that_nothing_stores(campaign, tier, client, now):
    path = path_of(campaign, now)

    answer = client.get(path)

    assert answer.status_code == 303 and answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"] and path.split("/")[2] not in answer["Location"]
    page = client.get(answer["Location"])
    assert page.status_code == 200 and "no-store" in page["Cache-Control"] and "noindex" in page["X-Robots-Tag"]
    assert client.get(path)["Location"] == answer["Location"], "opened again: the same page"
    assert Client().get(answer["Location"]).status_code == 410, "the path alone opens nothing"


def test_balance_progress_and_tiers_are_shown(campaign, tier, client, now, program):
    member = campaign.organization.members.get()
    add_tier(program, points=1000, group=campaign.groups.get(), name="Grand prize", by=member, now=now)
    earn(campaign, 2, now)

    page = client.get(client.get(path_of(campaign, now))["Location"]).text

    assert "<strong>120</strong> points" in page and "880 more points for Grand prize" in page
    assert f"exchange/{tier.pk}/" in page and page.count('class="button" href') == 1, "one tier is within reach"
    assert len(page) < 20_000


def test_an_exchange_asks_once_and_shows_the_link_there_and_in_the_list(opened, client, tier, campaign):
    asked = client.get(exchange_path(opened, tier))
    assert "Exchange 100 points for this reward? You keep 20." in asked.text

    answer = client.post(exchange_path(opened, tier), {"key": key_in(asked)})

    link = re.search(r'href="([^"]+/r/[^"]+)"', answer.text)[1]
    assert answer.status_code == 200 and "You have 20 points left." in answer.text
    assert Reward.objects.get().source == "points" and PointAccount.objects.get().available == 20
    assert link in client.get(f"{opened}rewards/").text and link not in client.get(opened).text
    history = client.get(f"{opened}history/").text
    assert "−100" in history and "+60" in history


def test_sending_the_form_twice_exchanges_once(opened, client, tier):
    sent = {"key": key_in(client.get(exchange_path(opened, tier)))}

    first, again = (client.post(exchange_path(opened, tier), sent) for _time in range(2))

    assert PointExchange.objects.count() == Reward.objects.count() == 1
    assert re.findall('/r/[^"]+', first.text) == re.findall('/r/[^"]+', again.text)


@pytest.mark.parametrize("key", ["", "made up", "\x00"])
def test_a_key_that_the_page_did_not_make_exchanges_nothing(opened, client, tier, key):
    answer = client.post(exchange_path(opened, tier), {"key": key})

    assert "Exchange points" in answer.text, "it asks again"
    assert PointExchange.objects.count() == 0 and PointAccount.objects.get().available == 120


def test_a_refused_exchange_says_why_and_debits_nothing(opened, client, tier, campaign, now):
    sent = {"key": key_in(client.get(exchange_path(opened, tier)))}
    take_down(campaign, by=make.operator(), reason="Why not", now=now)

    answer = client.post(exchange_path(opened, tier), sent)

    assert answer.status_code == 409 and "Your points are unchanged" in answer.text
    assert PointAccount.objects.get().available == 120 and Reward.objects.count() == 0


def test_the_page_closes_with_its_link(opened, client, monkeypatch, tier, now):
    monkeypatch.setattr(views, "clock", SimpleNamespace(now=lambda: now + 16 * MINUTE))

    for path in (opened, f"{opened}history/", f"{opened}rewards/", exchange_path(opened, tier)):
        answer = client.get(path)
        assert answer.status_code == 410 and "Open your points again" in answer.text
    assert client.post(exchange_path(opened, tier), {"key": "x"}).status_code == 410


@pytest.mark.parametrize("token", ["x", "a:b:c", "é"])
def test_a_link_that_was_not_made_here_opens_nothing(db, client, token):
    answer = client.get(f"/my-points/{token}/")

    assert answer.status_code == 404 and "Open your points again" in answer.text


def test_a_browser_without_cookies_is_told_so(opened, campaign, now):
    assert "allow cookies" in Client().get(opened).text


def test_another_users_tier_or_program_is_not_found(opened, client, tier):
    assert client.get(exchange_path(opened, tier).replace(str(tier.pk), str(tier.pk + 1))).status_code == 404
    assert client.get(f"{opened}exchange/99999999999999999999/").status_code == 404


def test_a_test_keys_link_shows_the_test_ledger_and_gives_a_preview(campaign, tier, client, now, program):
    earn(campaign, 2, now, is_live=False)
    page = client.get(path_of(campaign, now, is_live=False))["Location"]
    assert "test points" in client.get(page).text

    answer = client.post(exchange_path(page, tier), {"key": key_in(client.get(exchange_path(page, tier)))})

    assert answer.status_code == 200 and Reward.objects.count() == 0
    assert "<strong>20</strong> points" in client.get(page).text
    clear_test_ledger(program, by=campaign.organization.members.get(), now=now)
    assert client.get(page).status_code == 410, "clearing the ledger ends its pages"


def test_the_apps_color_is_a_stylesheet_with_readable_text(opened, client, campaign):
    App.objects.filter(pk=campaign.app_id).update(color="#ffd400")
    assert reverse("points_page:colors", args=["ffd400"]) in client.get(opened).text

    sheet = client.get("/my-points/colors/ffd400.css")

    assert sheet["Content-Type"] == "text/css; charset=utf-8" and "--app:#ffd400" in sheet.text
    assert "--app-ink:#000000" in sheet.text and "immutable" in sheet["Cache-Control"]
    assert client.get("/my-points/colors/x}body{.css").status_code == 404


def test_pages_of_history_lose_nothing(opened, campaign, client, now):
    earn(campaign, 40, now)
    seen, address = [], f"{opened}history/"
    while address:
        page = client.get(address).text
        seen += re.findall(r'class="number">([^<]+)<', page)
        older = re.search(r'href="(\?before=\d+)"', page)
        address = older and f"{opened}history/{older[1]}"

    assert len(seen) == 40 and set(seen) == {"+60"}
    for odd in ("x", "-1", "9" * 30, "%00"):
        assert client.get(f"{opened}history/?before={odd}").status_code == 200


def test_the_page_speaks_the_readers_language(opened, client):
    page = client.get(opened, headers={"Accept-Language": "de"})

    assert page["Content-Language"] == "de" and '<html lang="de"' in page.text
