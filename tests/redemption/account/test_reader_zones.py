"""Customers read times in their own zone, and every time names its zone."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.time_zones import zone_of_user
from catalog.models import Marketplace
from moments.i18n.datetimes import display_instant
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from redemption.models import Order
from tests import make
from tests.redemption.claim.test_pages import open_page

AT = dt.datetime(2026, 7, 1, 20, 30, tzinfo=dt.UTC)
IN_STORE, IN_TOKYO, IN_BERLIN = (
    "1 Jul 2026, 16:30 (New York)",
    "2 Jul 2026, 05:30 (Tokyo)",
    "1 Jul 2026, 22:30 (Berlin)",
)


@pytest.fixture
def mine(client, customer, reward):
    order = make.order(reward, by=customer)
    Order.objects.update(placed_at=AT)
    order.history.update(occurred_at=AT)
    client.force_login(customer)
    return client


def pages(client: Client) -> str:
    number = Order.objects.get().number
    addresses = [reverse("redemption:order", args=[number]), reverse("redemption:my_orders")]
    return "".join(client.get(address).text for address in addresses)


def test_pages_of_an_account_ask_for_the_zone_and_pages_of_rewards_run_no_script(mine, campaign):
    assert pages(mine).count("js/zone.js") == 2

    page = mine.get(open_page(mine, make.reward(campaign)))
    assert page.status_code == 200 and "<script" not in page.text


def test_without_javascript_times_are_in_the_zone_of_the_store(mine):
    text = pages(mine)

    assert text.count(IN_STORE) == 2
    assert "(UTC)" not in text


def test_the_browsers_zone_is_used_at_once_and_kept_for_emails(mine, customer):
    mine.cookies["time_zone"] = "Asia/Tokyo"

    text = pages(mine)

    assert text.count(IN_TOKYO) == 2 and "New York" not in text
    customer.refresh_from_db()
    assert (customer.time_zone, customer.browser_time_zone) == ("UTC", "Asia/Tokyo")
    assert zone_of_user(customer, "Europe/Rome") == "Asia/Tokyo"


def test_a_chosen_zone_comes_before_the_browsers(mine, customer):
    User.objects.filter(pk=customer.pk).update(time_zone="Europe/Berlin")
    mine.cookies["time_zone"] = "Asia/Tokyo"

    assert pages(mine).count(IN_BERLIN) == 2


def test_utc_can_be_chosen_and_so_can_the_browsers_zone(mine, customer):
    page = reverse("redemption:about_me")
    assert '<option value="UTC" selected>As my browser has it</option>' in mine.get(page).text
    mine.cookies["time_zone"] = "Asia/Tokyo"

    mine.post(page, {"name": "Kim", "language": "", "time_zone": "Etc/UTC"})

    assert pages(mine).count("1 Jul 2026, 20:30 (UTC)") == 2


@pytest.mark.parametrize("sent", ["", "Mars/Olympus", "../../etc/passwd", "localtime", "Factory", "A" * 5000, "\x00"])
def test_a_cookie_that_names_no_zone_changes_nothing(mine, customer, sent):
    mine.cookies["time_zone"] = sent

    assert pages(mine).count(IN_STORE) == 2

    customer.refresh_from_db()
    assert customer.browser_time_zone == ""


def test_pages_of_developers_do_not_keep_the_browsers_zone(console, member):
    console.cookies["time_zone"] = "Asia/Tokyo"

    assert console.get("/console/").status_code == 200

    member.user.refresh_from_db()
    assert member.user.browser_time_zone == ""


def test_emails_use_the_zone_that_the_customers_browser_told_last(customer, reward):
    order = make.order(reward, by=customer)
    campaign = order.reward.campaign
    mail = Mail.objects.get(kind="order_confirmed")
    mail.kind, mail.context = "order_canceled", mail.context | {"reason": "x", "can_choose_again": True}
    last_minute = campaign.rewards_expire_at - dt.timedelta(minutes=1)
    assert display_instant(last_minute, campaign.time_zone) in render_mail(mail).text

    User.objects.filter(pk=customer.pk).update(browser_time_zone="Asia/Tokyo")

    assert display_instant(last_minute, "Asia/Tokyo") in render_mail(mail).text


def test_every_marketplace_has_a_zone_of_its_own(db):
    zones = dict(Marketplace.objects.values_list("code", "time_zone"))

    assert "UTC" not in zones.values()
    assert (zones["US"], zones["DE"], zones["JP"]) == ("America/New_York", "Europe/Berlin", "Asia/Tokyo")
