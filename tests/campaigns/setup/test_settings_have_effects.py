"""Every setting of an app and a campaign changes something that people or servers see."""

import json

import pytest
from django.urls import reverse

from accounts.models import App
from campaigns.models import Campaign
from campaigns.setup import service as setup
from campaigns.setup.readiness import problems_of
from console.developers.app_snippets import APP_LANGUAGES
from tests import make
from tests.redemption.claim.test_pages import open_page

Kind = Campaign.Kind


def announced(client, campaign, settings) -> dict:
    settings.API_RATE = "1000/s"
    body = {"appId": str(campaign.app_id), "campaignId": str(campaign.pk), "momentId": "MomentsReward"}
    body |= {"rewardGroupId": "US", "deviceType": "Web"}
    headers = {"x-api-key": make.api_key(campaign.app)}
    return client.post("/prod/GetRewardInfo", json.dumps(body), "application/json", headers=headers).json()


@pytest.mark.parametrize("kind", [Kind.CHALLENGE, Kind.COMPETITION])
def test_what_is_announced_needs_an_announcement_and_terms(member, now, kind):
    draft = make.campaign("draft", of=member, kind=kind, announcement_message="", terms="")

    assert [problem.message for problem in problems_of(draft, now=now)] == [
        "Write the announcement message.",
        "Write the terms: users read them before they take part.",
    ]


@pytest.mark.slow
def test_a_surprise_asks_for_neither_and_announces_its_redemption_message(client, console, member, settings, now):
    draft = make.campaign("draft", of=member, kind=Kind.SURPRISE, announcement_message="", terms="")
    page = console.get(reverse("console:campaigns:message", args=[draft.pk]))
    assert "announcement_message" not in page.context["form"].fields
    assert problems_of(draft, now=now) == []

    live = make.campaign(of=member, kind=Kind.SURPRISE, announcement_message="", terms="")
    answer = announced(client, live, settings)

    assert answer["rewardNotificationText"] == live.redemption_message
    assert answer["termsUrl"] is None


def test_the_announcement_of_a_challenge_links_to_its_terms_with_start_and_end(client, member, settings):
    live = make.campaign(of=member, terms="One reward per person.")

    answer = announced(client, live, settings)
    page = client.get(answer["termsUrl"].removeprefix("http://testserver"))

    assert answer["rewardNotificationText"] == live.announcement_message
    assert "One reward per person." in page.text and "Starts" in page.text and "Ends" in page.text
    assert page.text.count("(UTC)") == 3


@pytest.mark.parametrize("status", ["draft", "pending", "rejected"])
def test_terms_that_nobody_has_approved_are_not_public(client, member, status):
    campaign = make.campaign(status, of=member)

    assert client.get(f"/terms/{campaign.pk}/").status_code == 404
    assert client.get("/terms/00000000-0000-0000-0000-000000000000/").status_code == 404


@pytest.mark.slow
def test_a_competition_leads_with_its_list_of_winners(console, member):
    challenge, competition = (make.campaign(of=member, kind=kind) for kind in (Kind.CHALLENGE, Kind.COMPETITION))

    pages = [
        console.get(reverse("console:campaigns:detail", args=[campaign.pk])).text
        for campaign in (challenge, competition)
    ]

    assert ["Send to winners" in page for page in pages] == [False, True]


@pytest.mark.slow
def test_where_reward_pages_open_changes_the_code_for_the_app_and_the_links_that_lead_away(client, console, member):
    campaign = make.campaign(of=member)
    trial = reverse("console:developers:test", args=[campaign.pk])
    found = {}
    for opens_in in App.OpensIn.values:
        App.objects.filter(pk=campaign.app_id).update(opens_in=opens_in)
        code = [console.get(f"{trial}?app={name}").context["app_snippet"] for name in APP_LANGUAGES]
        reward = client.get(open_page(client, make.reward(campaign))).text
        found[opens_in] = code, "mailto:help@example.com" in reward, "help@example.com" in reward

    assert found["browser"][1:] == (True, True) and found["web_view"][1:] == (False, True)
    assert ["WebView" in text or "WKWebView" in text for text in found["browser"][0]] == [False] * 3
    assert ["WebView" in text or "WKWebView" in text for text in found["web_view"][0]] == [True] * 3
    assert all("testserver" in text for text in found["web_view"][0])


def test_scopes_of_keys_are_shown_nowhere_while_nothing_enforces_them(client, console, member):
    app = make.app(member)
    make.api_key(app)
    client.force_login(make.operator())

    pages = [
        client.get(f"/admin/accounts/apikey/{app.api_keys.get().pk}/change/").text,
        client.get("/admin/accounts/apikey/").text,
    ]

    assert not any("scope" in page.replace('scope="col"', "").replace('scope="row"', "").lower() for page in pages)


def test_a_kind_can_be_changed_while_it_is_a_draft(member, now):
    draft = make.campaign("draft", of=member)

    setup.edit_campaign(draft, kind=Kind.SURPRISE)

    assert problems_of(draft, now=now) == []
