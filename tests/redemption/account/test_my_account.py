"""My account: what waits, orders, addresses, oneself, one's data."""

import datetime as dt
import json

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from moments import clock
from redemption.addresses.saved import save_address
from redemption.models import Order, SavedAddress
from redemption.shipping import transitions
from redemption.shipping.substitution import report_missing, substitute_out_of_stock
from rewards.claims.service import claim_reward
from rewards.models import Reward
from tests import make

PAGES = ("my", "my_rewards", "my_orders", "addresses", "add_address", "about_me", "my_data", "everything", "erase")
PORTLAND = {name: text for name, text in make.PORTLAND.as_fields().items() if text}


@pytest.fixture
def mine(client, customer):
    client.force_login(customer)
    return client


def page(client, name, *args):
    answer = client.get(reverse(f"redemption:{name}", args=args))
    assert answer.status_code == 200, (name, answer.status_code)
    assert answer["Cache-Control"] == "no-store, private"
    return answer.text


def test_every_page_opens_empty_and_says_what_it_is_for(mine):
    texts = {name: page(mine, name) for name in PAGES}

    assert "No rewards yet" in texts["my"] and "No rewards yet" in texts["my_rewards"]
    assert "follow it here" in texts["my_orders"] and "need not type it again" in texts["addresses"]


def test_pages_are_of_who_is_signed_in(client, customer, campaign):
    order = make.order(make.reward(campaign), by=customer)
    saved = save_address(customer, make.PORTLAND, now=clock.now())
    client.force_login(make.customer())

    assert order.number not in page(client, "my_orders") + page(client, "my")
    for name in ("edit_address", "forget_address"):
        for call in (client.get, client.post):
            assert call(reverse(f"redemption:{name}", args=[saved.pk])).status_code == 404
    assert SavedAddress.objects.count() == 1


@pytest.mark.slow
def test_what_waits_comes_first_with_the_days_left(mine, customer, now):
    campaign = make.campaign(days=(-1, 4.5))
    claim_reward(make.reward(campaign), customer=customer, now=now)
    ordered = make.order(make.reward(campaign), by=customer)

    overview, rewards = page(mine, "my"), page(mine, "my_rewards")

    campaign.refresh_from_db()
    days = (campaign.rewards_expire_at - now).days
    assert f"{days} days left" in overview and "Choose your present" in overview
    assert overview.index("Waiting for you") < overview.index("Orders in progress")
    assert rewards.index("Waiting for you") < rewards.index("Chosen") and ordered.product.title in rewards


def test_an_order_that_waits_for_an_answer_waits_for_the_customer(mine, customer, reward, now):
    order = make.order(reward, by=customer)
    make.product(2600)
    report_missing(order, by=make.operator(), now=now)
    substitute_out_of_stock(now=now)

    overview = page(mine, "my")

    assert overview.index("Waiting for you") < overview.index(order.number) and "Orders in progress" not in overview


@pytest.mark.parametrize(
    ("before", "left"), [(dt.timedelta(hours=3), "last day"), (dt.timedelta(days=1, hours=3), "1 day left")]
)
def test_the_last_days_are_told_in_words(mine, customer, campaign, now, before, left):
    claim_reward(make.reward(campaign), customer=customer, now=now)
    campaign.__class__.objects.update(rewards_expire_at=now + before)

    assert left in page(mine, "my_rewards")


def test_what_is_over_is_said_to_be(mine, customer, campaign, now):
    claim_reward(make.reward(campaign), customer=customer, now=now)
    campaign.__class__.objects.update(rewards_expire_at=now)

    text = page(mine, "my_rewards")

    assert "no longer good" in text and "Waiting for you" not in text
    assert "Waiting for you" not in page(mine, "my")


def test_a_canceled_order_leaves_the_reward_waiting(mine, customer, campaign, now):
    order = make.order(make.reward(campaign), by=customer)
    transitions.cancel_order(order, by=make.operator(), reason="Lost", now=now)

    assert "Waiting for you" in page(mine, "my")
    assert "canceled" in page(mine, "my_orders")


def test_orders_show_their_tracking(mine, customer, campaign, now):
    order = make.order(make.reward(campaign), by=customer)
    transitions.ship_order(order, by=make.operator(), carrier="Parcel Post", tracking_number="PP77", now=now)

    for name in ("my", "my_orders"):
        assert "PP77" in page(mine, name) and "shipped" in page(mine, name)


def test_who_is_a_developer_too_finds_the_console(client, member):
    client.force_login(member.user)

    text = page(client, "my")
    assert str(member.organization) in text and reverse("console:home") in text


def test_a_list_of_many_rewards_takes_no_more_queries(mine, customer, campaign, django_assert_max_num_queries, now):
    others = [campaign, make.campaign(), make.campaign()]
    for each in others:
        make.order(make.reward(each), by=customer)
        claim_reward(make.reward(each), customer=customer, now=now)

    with django_assert_max_num_queries(15):
        page(mine, "my_rewards")


# Addresses


def test_an_address_is_added_changed_and_forgotten(mine, customer):
    add = reverse("redemption:add_address")
    assert mine.post(add, PORTLAND)["Location"] == reverse("redemption:addresses")
    saved = SavedAddress.objects.get()
    assert (saved.customer, saved.street) == (customer, "1 Harbor Street")
    assert "1 Harbor Street" in page(mine, "addresses")

    edit = reverse("redemption:edit_address", args=[saved.pk])
    assert 'value="Kim Larsen"' in mine.get(edit).text
    mine.post(edit, {**PORTLAND, "street": "2 Harbor Street"})
    saved.refresh_from_db()
    assert saved.street == "2 Harbor Street"

    forget = reverse("redemption:forget_address", args=[saved.pk])
    assert "2 Harbor Street" in mine.get(forget).text and SavedAddress.objects.exists()
    assert "forgotten" in mine.post(forget, follow=True).text
    assert not SavedAddress.objects.exists()


def test_a_bad_address_is_refused_beside_its_field_and_kept_as_typed(mine):
    answer = mine.post(reverse("redemption:add_address"), {**PORTLAND, "postal_code": "ABC"})

    assert answer.status_code == 200
    assert "“ABC” is not a postal code of" in answer.text and 'value="Portland"' in answer.text
    assert not SavedAddress.objects.exists()


def test_changing_the_country_keeps_what_was_typed(mine):
    answer = mine.post(reverse("redemption:add_address"), {**PORTLAND, "country": "JP", "change": "1"})

    assert "Prefecture" in answer.text and "1 Harbor Street" in answer.text
    assert not SavedAddress.objects.exists()


@pytest.mark.parametrize(
    "fields", [{}, {"country": "XX"}, {"country": "RU"}, {"recipient": "\x00"}, {"street": "x" * 9999}]
)
def test_nonsense_is_answered_with_a_sentence(mine, fields):
    sent = {**PORTLAND, **fields} if fields else {}
    answer = mine.post(reverse("redemption:add_address"), sent)

    assert answer.status_code == 200 and "error-summary" in answer.text
    assert not SavedAddress.objects.exists()


# About oneself


def test_name_language_and_time_zone_are_changed(mine, customer):
    fields = {"name": "Kim L.", "language": "de", "time_zone": "Europe/Berlin"}

    assert mine.post(reverse("redemption:about_me"), fields)["Location"] == reverse("redemption:about_me")

    customer.refresh_from_db()
    assert (customer.name, customer.language, customer.time_zone) == ("Kim L.", "de", "Europe/Berlin")
    assert 'lang="de"' in page(mine, "about_me")
    mine.post(reverse("redemption:about_me"), {**fields, "language": ""})
    assert 'lang="en"' in page(mine, "about_me")


@pytest.mark.slow
@pytest.mark.parametrize(
    "fields", [{"time_zone": "Mars/Base"}, {"language": "xx"}, {"name": "x" * 121}, {"name": "\x00"}]
)
def test_what_is_no_name_language_or_zone_is_refused(mine, customer, fields):
    good = {"name": "Kim", "language": "", "time_zone": "UTC"}

    answer = mine.post(reverse("redemption:about_me"), {**good, **fields})

    assert answer.status_code == 200 and "error-summary" in answer.text
    assert User.objects.get(pk=customer.pk).name == customer.name


# One's data


def test_the_download_is_json_with_zones_and_currencies(mine, customer, campaign):
    User.objects.update(time_zone="Asia/Tokyo")
    order = make.order(make.reward(campaign), by=customer)

    answer = mine.get(reverse("redemption:download"))

    assert "attachment" in answer["Content-Disposition"]
    found = json.loads(answer.content)
    assert found["orders"][0]["item"] == "25.00 USD" and found["orders"][0]["number"] == order.number
    assert found["orders"][0]["placed"].endswith("+09:00")
    assert found["account"][0]["email"] == customer.email


def test_the_page_shows_what_the_download_has_in_words(mine, customer, campaign):
    order = make.order(make.reward(campaign), by=customer)

    text = page(mine, "everything")

    assert order.number in text and "1 Harbor Street" in text and "Mails we sent you" in text
    assert order.reward.token_digest not in text


def test_every_name_in_the_download_has_words(mine, customer, campaign, now):
    """The page would fail on one without."""
    make.order(make.reward(campaign), by=customer)
    save_address(customer, make.PORTLAND, now=now)
    page(mine, "everything")

    from redemption.privacy import export, readable_export

    assert set(readable_export.TITLES) == set(export.SECTIONS)


@pytest.mark.parametrize("name", ["everything", "download", "erase"])
def test_ten_minutes_after_the_password_it_is_asked_for_again(mine, customer, name):
    path = reverse(f"redemption:{name}")
    with time_machine.travel(clock.now() + dt.timedelta(minutes=11)):
        for call in (mine.get, mine.post):
            answer = call(path)
            assert answer.status_code in {302, 405} and customer.email not in answer.text
    assert User.objects.get(pk=customer.pk).erased_at is None


def test_erasing_says_what_goes_and_takes_a_yes(mine, customer):
    path = reverse("redemption:erase")
    assert "This goes" in mine.get(path).text and "This stays" in mine.get(path).text

    answer = mine.post(path, {})

    assert "Tick the box first" in answer.text
    assert User.objects.get(pk=customer.pk).email == customer.email


def test_erased_one_is_signed_out_and_told_so(mine, customer, campaign, now):
    claimed = make.reward(campaign, claimed_by=customer)

    answer = mine.post(reverse("redemption:erase"), {"is_sure": "on"}, follow=True)

    assert answer.redirect_chain == [(reverse("redemption:erased"), 302)]
    assert "Your account is erased" in answer.text and "_auth_user_id" not in mine.session
    assert mine.get(reverse("redemption:my")).status_code == 302
    assert Reward.objects.get(pk=claimed.pk).status == "claimed"
    assert "Your account is erased" in Client().get(reverse("redemption:erased")).text


def test_an_order_under_way_is_named_and_nothing_is_erased(mine, customer, campaign):
    order = make.order(make.reward(campaign), by=customer)
    path = reverse("redemption:erase")

    assert order.number in mine.get(path).text and "is_sure" not in mine.get(path).text
    answer = mine.post(path, {"is_sure": "on"})

    assert order.number in answer.text
    assert User.objects.get(pk=customer.pk).erased_at is None and Order.objects.get().street


def test_an_order_whose_address_is_forgotten_says_so(mine, customer, campaign, now):
    order = make.order(make.reward(campaign), by=customer)
    Order.objects.update(recipient="", street="", city="", region="", postal_code="", forgotten_at=now)

    text = page(mine, "order", order.number)

    assert "We no longer keep where it went" in text and "United States" not in text
