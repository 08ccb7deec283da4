"""A campaign's texts in other languages, from the editor to the customer."""

import html
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from campaigns.approval import transitions
from campaigns.approval.compare import compare_with_approved
from campaigns.setup import service as setup
from campaigns.setup.readiness import problems_of
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from rewards.issuing.service import queue_reward_mail
from tests import make
from tests.redemption.claim.test_pages import open_page

GERMAN = {
    "announcement_message": "Erreichen Sie Stufe 10.",
    "redemption_message": "Sie haben Stufe 10 erreicht.",
    "banner_alt": "Ein Geschenk",
    "terms": "Eine Prämie pro Person.",
}


@pytest.fixture
def spoken(db):
    """A live campaign that speaks German too."""
    return make.campaign(translations={"de": GERMAN}, terms="One reward per person.")


def typed(campaign, **changes) -> dict:
    own = ("announcement_message", "redemption_message", "banner_alt", "terms")
    return {name: getattr(campaign, name) for name in own} | changes


def call(client, campaign, name: str, **body):
    asked = {"appId": str(campaign.app_id), "campaignId": str(campaign.pk), "momentId": "MomentsReward"}
    asked |= {"rewardGroupId": "US", "deviceType": "Web", **body}
    key = make.api_key(campaign.app)
    answer = client.post(f"/prod/{name}", json.dumps(asked), "application/json", headers={"x-api-key": key})
    return answer.json()["rewardNotificationText"]


def test_the_editor_keeps_what_is_typed_and_drops_what_is_empty(console, member):
    draft = make.campaign("draft", of=member)
    path = reverse("console:campaigns:message", args=[draft.pk])
    fields = {f"de-{name}": text for name, text in GERMAN.items()} | {"fr-terms": "  ", "ja-terms": ""}

    answer = console.post(path, typed(draft, **fields))

    draft.refresh_from_db()
    assert answer.status_code == 302 and draft.translations == {"de": GERMAN}
    page = html.unescape(console.get(path).text)
    assert all(text in page for text in GERMAN.values())


def test_a_text_that_is_too_long_is_named_and_changes_nothing(console, member):
    draft = make.campaign("draft", of=member, translations={"de": GERMAN})
    fields = {"de-announcement_message": "x" * 301, "de-redemption_message": "Kurz"}

    answer = console.post(reverse("console:campaigns:message", args=[draft.pk]), typed(draft, **fields))

    assert "at most 300 characters (it has 301)" in answer.text and "Kurz" in answer.text
    draft.refresh_from_db()
    assert draft.translations == {"de": GERMAN}


def test_half_a_language_is_not_ready(member, now):
    draft = make.campaign("draft", of=member, translations={"it": {"terms": "Un premio a persona."}})

    assert [problem.message for problem in problems_of(draft, now=now) if "Italiano" in problem.message]
    with pytest.raises(setup.RuleViolation):
        transitions.submit_for_approval(draft, by=member.user, now=now)


def test_what_is_approved_holds_its_languages_and_a_change_is_a_difference(member, now):
    campaign = make.campaign("approved", of=member, translations={"de": GERMAN})
    assert campaign.versions.get().content["translations"] == {"de": GERMAN}
    transitions.reopen_for_editing(campaign, by=member.user, now=now)

    setup.edit_campaign(campaign, translations={"de": GERMAN | {"terms": "Neu."}})

    found = compare_with_approved(campaign, now=now).differences
    assert [(row.field, row.after) for row in found] == [("Terms in Deutsch", "Neu.")]


def test_a_duplicate_speaks_the_same_languages(spoken, now):
    owner = spoken.organization.members.get()

    assert setup.duplicate_campaign(spoken, by=owner, now=now).translations == {"de": GERMAN}


@pytest.mark.parametrize(
    ("locale", "words"), [("de-AT", "Sie haben"), ("DE", "Sie haben"), ("fr", "You reached"), (None, "You reached")]
)
def test_the_apis_text_is_in_the_users_language(client, spoken, locale, words):
    shown = {"locale": locale} if locale else {}

    assert call(client, spoken, "GetReward", **shown).startswith(words)
    announced = call(client, spoken, "GetRewardInfo", **shown)
    assert announced.startswith("Erreichen" if words == "Sie haben" else "Reach")


def test_a_language_that_leaves_a_field_empty_falls_back(client, db):
    campaign = make.campaign(translations={"pt-br": GERMAN | {"terms": ""}}, terms="One each.")
    page = open_page(client, make.reward(campaign, locale="pt-PT"))

    text = client.get(page).text

    assert "Sie haben Stufe 10 erreicht." in text and "One each." in text


def test_looking_and_issuing_ask_the_database_no_more_for_it(client, spoken, campaign):
    counts = []
    for found in (campaign, spoken):
        key = make.api_key(found.app)
        asked = {"appId": str(found.app_id), "campaignId": str(found.pk), "momentId": "MomentsReward"}
        asked |= {"rewardGroupId": "US", "deviceType": "Web", "locale": "de"}
        for name in ("GetRewardInfo", "GetReward"):
            with CaptureQueriesContext(connection) as queries:
                client.post(f"/prod/{name}", json.dumps(asked), "application/json", headers={"x-api-key": key})
            counts.append(len(queries))

    assert counts[:2] == counts[2:]


def test_page_and_mail_speak_it(client, spoken, now):
    reward = make.reward(spoken, locale="de")
    queue_reward_mail(reward.pk, to_email="kim@example.com", language="de", now=now)

    page, mail = client.get(open_page(client, reward)).text, render_mail(Mail.objects.get(kind="reward_issued"))

    for text in (page, mail.html):
        assert GERMAN["redemption_message"] in text and 'alt="Ein Geschenk"' in text and GERMAN["terms"] in text
    assert GERMAN["redemption_message"] in mail.text


def test_the_preview_speaks_the_language_that_is_picked(console, member):
    draft = make.campaign("draft", of=member, translations={"de": GERMAN})
    path = reverse("console:campaigns:preview", args=[draft.pk])

    saved = console.get(path, {"language": "de"})
    new = console.post(path, typed(draft, **{"language": "de", "de-redemption_message": "Ganz neu"}))
    mail = console.post(path, {"language": "de", "show": "mail"})

    assert '<html lang="de"' in saved.text and GERMAN["redemption_message"] in saved.text
    assert "Ganz neu" in new.text and GERMAN["terms"] in new.text
    assert GERMAN["redemption_message"] in mail.text and translation.get_language() == "en"
    draft.refresh_from_db()
    assert draft.translations == {"de": GERMAN}
