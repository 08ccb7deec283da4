"""Customers' pages speak the customer's language, all others English."""

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from accounts.models import User
from catalog.models import Category, Marketplace
from moments import money
from moments.i18n import datetimes
from moments.i18n.languages import nearest_language
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from rewards.issuing.reminders import remind_before_expiry
from tests import make
from tests.redemption.claim.test_pages import open_page

AT = dt.datetime(2026, 11, 30, 22, 59, tzinfo=dt.UTC)


def spoken(answer) -> str:
    """The language that the page says it is in; header and markup agree."""
    code = answer["Content-Language"]
    assert f'<html lang="{code}"' in answer.text
    return code


def choose(client, code: str, then: str = "/my/rewards/"):
    return client.post("/language/", {"language": code, "next": then})


def test_a_page_speaks_the_browsers_language(client, reward):
    page = open_page(client, reward)

    answer = client.get(page, headers={"accept-language": "nl, de-AT;q=0.8, en;q=0.5"})

    assert spoken(answer) == "de"
    assert {"Accept-Language", "Cookie"} <= {part.strip() for part in answer["Vary"].split(",")}


def test_what_the_app_says_of_its_user_counts_more_than_the_browser(client, campaign):
    page = open_page(client, make.reward(campaign, locale="pt_BR"))

    assert spoken(client.get(page, headers={"accept-language": "de"})) == "pt-br"


def test_the_language_of_the_account_counts_more_than_the_apps(client, campaign, customer):
    User.objects.filter(pk=customer.pk).update(language="fr")
    client.force_login(customer)
    page = open_page(client, make.reward(campaign, locale="it"))

    assert spoken(client.get(page, headers={"accept-language": "de"})) == "fr"


def test_what_is_chosen_counts_most_and_is_kept_for_every_browser(client, campaign, customer):
    User.objects.filter(pk=customer.pk).update(language="fr")
    client.force_login(customer)
    page = open_page(client, make.reward(campaign, locale="it"))

    answer = choose(client, "hi", page)

    assert answer["Location"] == page
    assert spoken(client.get(page, headers={"accept-language": "de"})) == "hi"
    customer.refresh_from_db()
    assert customer.language == "hi"


def test_where_nobody_says_anything_it_is_the_stores_language(client, db):
    store = Marketplace.objects.get(code="JP")
    campaign = make.campaign(products=[make.product(2500, store=store.code)], store=store.code)
    page = open_page(client, make.reward(campaign))

    assert spoken(client.get(page)) == "ja"
    assert spoken(client.get(page, headers={"accept-language": "en-GB"})) == "en"


@pytest.mark.parametrize(
    "given", [{}, {"language": "tlh"}, {"language": "de\x00"}, {"language": "x" * 5000}, {"lang": "de"}]
)
def test_what_is_no_language_of_ours_is_answered_with_a_sentence(client, customer, given):
    client.force_login(customer)

    answer = client.post("/language/", {"next": "/my/rewards/", **given})

    assert answer.status_code == 200 and "Choose one of these languages." in answer.text
    assert 'value="/my/rewards/"' in answer.text
    customer.refresh_from_db()
    assert customer.language == ""


def test_looking_at_the_languages_chooses_none(client, customer):
    client.force_login(customer)

    answer = client.get("/language/?language=de&next=/my/rewards/")

    assert spoken(answer) == "en" and all(name in answer.text for _code, name in settings.LANGUAGES)
    assert spoken(client.get("/my/rewards/")) == "en"


def test_another_site_cannot_choose(customer):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(customer)

    assert choose(strict, "de").status_code == 403
    customer.refresh_from_db()
    assert customer.language == ""


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example", "\\\\evil.example", "javascript:1", ""])
def test_choosing_stays_on_this_host(client, db, then):
    assert choose(client, "de", then)["Location"] == "/"


def test_the_console_is_english_whatever_is_chosen(console, campaign, member):
    choose(console, "de")

    for path in ("/console/", "/console/campaigns/", "/accounts/security/", "/console/support/new/"):
        assert spoken(console.get(path, headers={"accept-language": "de"})) == "en"
    answer = console.post("/console/support/new/", {"subject": ""}, headers={"accept-language": "de"})
    assert "This field is required." in answer.text


def test_admin_is_english_whatever_is_chosen(client, db):
    client.force_login(make.operator())
    choose(client, "de")

    assert spoken(client.get("/admin/", headers={"accept-language": "de"})) == "en"
    assert "Log out" in client.get("/admin/").text or "Sign out" in client.get("/admin/").text


def test_the_language_of_a_page_ends_with_it(client, reward):
    page = open_page(client, reward)
    client.get(page, headers={"accept-language": "de"})

    assert translation.get_language() == "en"  # an API call in the same thread answers in English


def test_whoever_signs_up_goes_on_in_the_language_of_the_page(client, db):
    choose(client, "it")

    client.post("/accounts/signup/", {"name": "Ada", "email": "ada@example.com", "password1": make.PASSWORD})

    assert User.objects.get().language == "it"
    assert Mail.objects.get().language == "it"


def test_a_reminder_speaks_the_customers_language(campaign, customer):
    User.objects.filter(pk=customer.pk).update(language="ja")
    make.reward(campaign, claimed_by=customer, locale="de")

    assert remind_before_expiry(now=campaign.rewards_expire_at - dt.timedelta(hours=5)) == 1

    assert Mail.objects.get(kind="reward_expiring").language == "ja"


@pytest.mark.slow
@pytest.mark.parametrize("code", [code for code, _name in settings.LANGUAGES])
def test_page_and_mail_name_the_same_end(client, campaign, customer, code):
    reward = make.reward(campaign, claimed_by=customer, locale=code)
    with translation.override(code):
        said = datetimes.display_expiry(campaign.rewards_expire_at, campaign.time_zone)
    remind_before_expiry(now=campaign.rewards_expire_at - dt.timedelta(hours=5))
    client.force_login(customer)

    page = client.get(open_page(client, reward)).text

    assert said in page and said in render_mail(Mail.objects.get(kind="reward_expiring")).text


@pytest.mark.parametrize(
    ("code", "instant"),
    [
        ("en", "30 Nov 2026, 23:59 (Rome)"),
        ("de", "30. Nov. 2026, 23:59 (Rom)"),
        ("es", "30 nov 2026, 23:59 (Roma)"),
        ("fr", "30 nov. 2026, 23:59 (Rome)"),
        ("it", "30 nov 2026, 23:59 (Roma)"),
        ("pt-br", "30 de nov. de 2026, 23:59 (Roma)"),
        ("hi", "30 नव॰ 2026, 23:59 (रोम)"),
        ("ja", "2026年11月30日 23:59 (ローマ)"),
        ("zh-hans", "2026年11月30日 23:59 (罗马)"),
    ],
)
def test_dates_are_written_as_each_language_writes_them(code, instant):
    with translation.override(code):
        assert datetimes.display_instant(AT, "Europe/Rome") == instant


def test_money_is_written_as_each_language_writes_it():
    written = {}
    for code in ("de", "fr", "ja", "hi"):
        with translation.override(code):
            written[code] = money.display(2750, "EUR"), money.display(2750, "JPY")

    assert written["de"] == ("27,50\xa0€", "2.750\xa0¥")
    assert written["fr"] == ("27,50\xa0€", "2\u202f750\xa0JPY")
    assert written["ja"] == ("€27.50", "￥2,750")
    assert written["hi"][1] == "JP¥2,750"


def test_stores_and_shelves_have_names_in_each_language(db):
    own = Category.objects.create(slug="own", name="Oddities of Mrs. Lark")
    nameless = Category(slug="none", name="")

    with translation.override("de"):
        assert str(own) == "Oddities of Mrs. Lark" and str(nameless) == ""


@pytest.mark.parametrize(
    ("given", "found"),
    [("de-AT", "de"), ("pt_BR", "pt-br"), ("pt-PT", "pt-br"), ("zh-TW", "zh-hans"), ("EN_us", "en"), ("nl", "")],
)
def test_what_browsers_and_apps_send_finds_the_nearest_language(given, found):
    assert nearest_language(given) == found


@pytest.mark.parametrize("given", ["", "x" * 900, "\x00", "../de", "日本"])
def test_nonsense_is_no_language(client, db, given):
    assert nearest_language(given) == ""
    if "\x00" not in given and given.isascii():
        assert client.get("/accounts/login/", headers={"accept-language": given}).status_code == 200
