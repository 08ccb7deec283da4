"""Switched to Japanese, no page or mail of a reward's journey holds an English word but names."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from outbox.emails.rendering import render_mail
from outbox.models import Mail
from redemption.addresses.address import Address
from redemption.claim.appeals import A_DAY
from redemption.models import Appeal, Order
from redemption.privacy.readable_export import NAMES as NAMES_OF_LINES
from redemption.privacy.readable_export import readable
from redemption.shipping.transitions import cancel_order, ship_order
from rewards.claims.service import claim_reward
from rewards.issuing.reminders import remind_before_expiry
from rewards.issuing.service import queue_reward_mail
from tests import make
from tests.redemption.claim.test_pages import open_page

JAPAN = {"recipient": "山田花子", "country": "JP", "street": "千代田1-1", "city": "千代田区", "region": "東京都"}
JAPAN |= {"postal_code": "100-0001", "phone": ""}
TOKYO = Address(**JAPAN)
NAMES = {"Moments", "Aegis", "1Password", "Google", "Authenticator", "JavaScript", "QR", "testserver"}
SAID = re.compile(r'\b(?:alt|aria-label|title|placeholder|value)="([^"]*)"')
UNSEEN = re.compile(r"<(script|style|svg|option)\b.*?</\1>|<head>.*?</head>|<!--.*?-->", re.S)
ADDRESSES = re.compile(r"https?://\S+|[\w.+-]+@[\w.-]+|[\w-]*\d[\w-]*|\([A-Z]{3}\)")


def english_in(text: str, *names: str) -> set[str]:
    """Latin words that are read or heard; of HTML or plain text."""
    text = html.unescape(" ".join([re.sub(r"<[^>]+>", " ", UNSEEN.sub(" ", text)), *SAID.findall(shown_values(text))]))
    for name in names:
        text = text.replace(name, " ")
    return set(re.findall(r"[A-Za-z]{2,}", ADDRESSES.sub(" ", text))) - NAMES


def shown_values(text: str) -> str:
    """Without what stands in hidden fields and in codes of choices."""
    return re.sub(r'<input type="hidden"[^>]*>|<option[^>]*>|<button[^>]*>|<meta[^>]*>', "", UNSEEN.sub(" ", text))


@pytest.fixture
def japanese(client):
    return Client(headers={"accept-language": "ja"})


@pytest.fixture
def gift(db):
    campaign = make.campaign(
        products=[make.product(2500, store="JP", title="湯のみ", slug="kitchen")],
        store="JP",
        cpa_cents=5000,
        redemption_message="おめでとうございます。",
        banner_alt="贈り物",
        terms="お一人様一回限り。",
    )
    return make.reward(campaign)


@pytest.mark.slow
def test_the_way_to_a_present_is_all_japanese(japanese, gift, customer):
    app, product = gift.campaign.app.name, gift.group.choices.get().product
    page, pages = open_page(japanese, gift), {}

    def look(path: str, *sent) -> str:
        answer = japanese.post(path, *sent, follow=True) if sent else japanese.get(path, follow=True)
        assert answer["Content-Language"] == "ja", path
        pages[f"{path} {answer.redirect_chain}"] = answer.text
        return answer.text

    for path in (
        page,
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/link/",
        "/r/x/",
    ):
        look(path)
    look("/accounts/login/", {"login": "nobody@example.com", "password": "wrong"})
    look("/accounts/signup/", {"email": "@", "password1": "12", "name": ""})
    japanese.force_login(customer)
    look(page)
    look(f"{page}claim/", {})
    look(f"{page}items/{product.pk}/")
    address = f"{page}items/{product.pk}/address/"
    look(address)
    look(address, {"country": "JP", "recipient": "", "postal_code": "1"})
    assert "ありがとう" not in look(address, JAPAN)
    look(address.replace("address", "review"), {})
    order = Order.objects.get()
    look(reverse("redemption:order", args=[order.number]))
    look("/my/rewards/")
    look("/language/", {"language": "tlh"})

    found = {path: english_in(text, app, "Kim Larsen", order.number, *LANGUAGE_NAMES) for path, text in pages.items()}
    assert {path: words for path, words in found.items() if words} == {}
    assert order.language == "ja"


LANGUAGE_NAMES = ["English", "Deutsch", "Español", "Français", "Italiano", "Português (Brasil)"]


def test_its_mails_are_all_japanese(japanese, gift, customer, now):
    app = gift.campaign.app.name
    queue_reward_mail(gift.pk, to_email=customer.email, language="ja", now=now)
    waiting = make.reward(gift.campaign, claimed_by=customer, locale="ja")
    remind_before_expiry(now=waiting.campaign.rewards_expire_at)
    order = make.order(gift, by=customer, address=TOKYO)
    Order.objects.filter(pk=order.pk).update(language="ja")
    order.refresh_from_db()
    ship_order(order, by=make.operator(), carrier="", tracking_number="", now=now)
    other = make.order(make.reward(gift.campaign), by=make.customer(), address=TOKYO)
    other.language = "ja"
    cancel_order(other, by=make.operator(), reason="申し訳ございません。", now=now)
    japanese.post("/accounts/signup/", {"name": "花子", "email": "new@example.com", "password1": make.PASSWORD})
    japanese.post("/accounts/password/reset/", {"email": customer.email})

    mails = [render_mail(mail) for mail in Mail.objects.filter(language="ja")]
    names = (app, gift.campaign.name, order.number, other.number)
    found = {mail.subject: english_in(f"{mail.subject} {mail.text} {mail.html}", *names) for mail in mails}

    assert len(mails) >= 5
    confirmed = Mail.objects.filter(kind="order_confirmed", context__order=order.pk)
    assert "Tax, included in the price" in render_mail(confirmed.get()).text
    assert {subject: words for subject, words in found.items() if words} == {}


@pytest.mark.slow
def test_refusals_are_japanese(japanese, gift, customer, now):
    """What customers are told on the way that leads nowhere."""
    make.product(2500, store="JP", title="急須", slug="tea")
    shelf = make.reward(make.campaign(store="JP", slug="tea", cpa_cents=5000), claimed_by=customer)
    claim_reward(gift, customer=make.customer(), now=now)
    japanese.force_login(customer)
    taken, mine = open_page(japanese, gift), open_page(japanese, shelf)

    refused = japanese.post(f"{taken}claim/", follow=True)
    badly_typed = japanese.get(f"{mine}?least=x&most=-1")
    for number in range(A_DAY):
        Appeal.objects.create(reward=make.reward(gift.campaign), customer=customer, text=str(number), opened_at=now)
    once_more = japanese.post(f"{taken}appeal/", {"text": "家族です。"})

    with translation.override("ja"):  # as the page was rendered
        shown = [
            *map(str, refused.context["messages"]),
            *(error for errors in badly_typed.context["search"].form.errors.values() for error in errors),
            *once_more.context["form"].errors["text"],
        ]
    assert len(shown) == 4
    assert {text: english_in(text, "JPY") for text in shown if english_in(text, "JPY")} == {}


def test_what_became_of_things_is_japanese_in_all_that_is_known_of_a_customer(life, kim):
    with translation.override("ja"):
        words = {str(NAMES_OF_LINES[name]) for name in ("state", "history", "purpose")}
        lines = [line for _title, entries in readable(kim) for lines in entries for line in lines if line[0] in words]

    assert {name for name, _text in lines} == words
    assert {text for _name, text in lines if english_in(text, "UTC")} == set()
