"""The editor's preview: what customers would see, of what is typed, without saving it."""

import html
import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from campaigns.models import Campaign
from catalog.models import ExchangeRate
from outbox.models import Mail
from rewards.models import Reward
from tests import make


def path_of(campaign) -> str:
    return reverse("console:campaigns:preview", args=[campaign.pk])


def rows() -> list:
    return [*Campaign.objects.values(), *Reward.objects.values(), *Mail.objects.values()]


def without_tokens(answer) -> str:
    return re.sub(r'(nonce|value)="[^"]+"', "", answer.text)


def test_it_shows_what_is_typed_in_page_and_mail_and_saves_nothing(console, member):
    draft = make.campaign("draft", of=member)
    typed, before = (
        {"redemption_message": "Hooray <b>you</b>", "terms": "Terms\nof ours", "banner_alt": "Stars"},
        rows(),
    )

    page = console.post(path_of(draft), typed)
    mail = console.post(path_of(draft), {**typed, "show": "mail"})

    for answer in (page, mail):
        assert "Hooray &lt;b&gt;you&lt;/b&gt;" in answer.text and "of ours" in answer.text
        assert 'alt="Stars"' in answer.text
    assert draft.groups.get().choices.get().product.title in page.text and "$25.00" in mail.text
    assert "Sign in" in page.text and "My account" not in page.text
    assert rows() == before
    assert "You reached level 10." in console.get(path_of(draft)).text


def test_a_frame_of_ours_may_show_it_and_it_may_do_nothing(console, member):
    draft = make.campaign("draft", of=member, return_link="https://example.com/back")

    for show in ("page", "mail"):
        answer = console.get(path_of(draft), {"show": show})
        policy = answer["Content-Security-Policy"]

        assert "frame-ancestors 'self'" in policy and "default-src 'none'" in policy and "sandbox" in policy
        assert "allow-scripts" not in policy and "script-src" not in policy and "allow-forms" not in policy
        assert answer["X-Frame-Options"] == "SAMEORIGIN" and "no-store" in answer["Cache-Control"]
        assert "<form" not in answer.text and "example.com/back" not in answer.text
        links = set(re.findall(r'<a [^>]*href="([^"]*)"', answer.text))
        assert links <= {"#", "#main", "mailto:help@example.com", "mailto:operators@localhost"}


@pytest.mark.parametrize(
    "bad",
    [
        {"redemption_message": "\x00" * 5 + "x" * 10_000, "terms": "y" * 100_000, "banner_alt": "\ud800"},
        {"store": "\x00", "show": "\x00"},
        {"store": "XX" * 5000, "redemption_message": ""},
    ],
)
def test_no_input_breaks_it(console, member, bad):
    draft = make.campaign("draft", of=member)
    bad = {name: value.encode("utf-8", "replace").decode() for name, value in bad.items()}

    for show in ("page", "mail"):
        answer = console.post(path_of(draft), {"show": show, **bad})
        assert answer.status_code == 200 and len(answer.content) < 100_000


def test_an_empty_draft_has_a_preview_too(console, member):
    draft = make.campaign("draft", of=member)
    draft.groups.all().delete()
    Campaign.objects.filter(pk=draft.pk).update(
        banner=None, ends_at=None, starts_at=None, redemption_message="", terms="", support_contact=""
    )

    assert "Your redemption message stands here." in console.get(path_of(draft)).text
    assert console.get(path_of(draft), {"show": "mail"}).status_code == 200


def test_a_category_is_worth_its_credit_in_the_stores_own_money(console, member):
    make.product(1000, slug="coffee", store="JP")
    draft = make.campaign("draft", of=member, slug="coffee", store="JP")
    rate = ExchangeRate.objects.filter(currency="JPY").order_by("-valid_from").first()
    assert rate

    text = html.unescape(console.get(path_of(draft), {"show": "mail", "store": "JP"}).text)
    ExchangeRate.objects.filter(currency="JPY").delete()

    assert "¥" in text and "$27.50" not in text
    assert console.get(path_of(draft), {"show": "mail"}).status_code == 200


def test_a_message_that_waits_is_not_eaten_by_it(console, member):
    campaign = make.campaign(of=member)
    console.post(f"/console/campaigns/{campaign.pk}/duplicate/")

    console.get(path_of(campaign))

    assert [str(message) for message in get_messages(console.get("/console/").wsgi_request)]


def test_orders_move_nothing_in_it_and_it_costs_few_queries(console, member, django_assert_max_num_queries):
    product = make.product(stock_units=1)
    campaign = make.campaign(of=member, products=[product])
    reward = make.reward(campaign)
    with django_assert_max_num_queries(19):  # both together, each with its session
        before = [without_tokens(console.get(path_of(campaign), {"show": show})) for show in ("page", "mail")]

    make.order(reward, by=make.customer())

    assert [without_tokens(console.get(path_of(campaign), {"show": show})) for show in ("page", "mail")] == before


def test_strangers_find_nothing_and_nobody_else_signs_in_first(client, member):
    campaign = make.campaign(of=member)
    assert client.get(path_of(campaign)).status_code == 302

    client.force_login(make.member().user)

    assert client.get(path_of(campaign)).status_code == client.post(path_of(campaign)).status_code == 404
    assert client.put(path_of(campaign)).status_code == 405


def test_the_steps_of_the_editor_carry_it(console, member):
    draft = make.campaign("draft", of=member)

    for step in ("message", "rewards"):
        page = console.get(reverse(f"console:campaigns:{step}", args=[draft.pk])).text
        assert path_of(draft) in page and 'formtarget="live"' in page
