"""Looking at a product, and through a category, before choosing."""

import dataclasses
import re
import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog import stock
from catalog.models import Marketplace, Product
from catalog.stock import add_size, receive_units
from moments.errors import RuleViolation
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from redemption.checkout.reservations import HOLD, release_lapsed, reserve_unit
from redemption.choosing import quotes
from redemption.choosing.browsing import BrowseFilter, browse
from redemption.choosing.offers import category_offer
from redemption.choosing.stock_alerts import create_stock_alert, notify_back_in_stock, notify_operators_of_stockouts
from redemption.models import BackInStockAlert, Membership, Order
from rewards.claims.service import claim_reward
from rewards.issuing.service import reward_link
from rewards.issuing.voiding import void_reward
from tests import make
from tests.redemption.claim.test_pages import open_page

HOME = dataclasses.replace(make.PORTLAND, region="", city="", street="", postal_code="")


@pytest.fixture
def kim(client, customer):
    client.force_login(customer)
    return client


def item_page(client, reward, product) -> str:
    """The path of a product's page, of a reward that is opened first."""
    return reverse("redemption:item", args=[open_page(client, reward).split("/")[2], product.pk])


def tea_reward(customer, *, cpa_cents: int = 2000, percent_off: int | None = None):
    """Of the shelf *tea*, claimed."""
    campaign = make.campaign(slug="tea", cpa_cents=cpa_cents)
    campaign.groups.update(percent_off=percent_off)
    return make.reward(campaign, claimed_by=customer)


def titles(client, page: str, query: str = "") -> list[str]:
    return [choice.product.title for choice, _quote in client.get(page + query).context["search"].hits]


# One product


def test_a_product_says_what_it_costs_how_many_there_are_and_how_it_comes(kim, customer, now):
    product = make.product(2500, stock_units=3, description="Two hundred lighthouses.")
    reward = make.reward(make.campaign(products=[product]), claimed_by=customer)

    text = kim.get(item_page(kim, reward, product)).text

    for part in ("Two hundred lighthouses.", "$25.00", "In stock", "Standard shipping", "−$27.50", "$0.00"):
        assert part in text, part
    Membership.objects.create(user=customer, starts_on=now.date(), ends_on=now.date())
    assert "Two-day shipping" in kim.get(item_page(kim, reward, product)).text


@pytest.mark.slow
def test_a_product_is_shown_to_who_claimed_a_reward_of_it_alone(kim, customer, campaign, reward):
    product = reward.group.choices.get().product
    path = item_page(kim, reward, product)

    assert kim.get(path).status_code == 404  # not claimed yet
    claim_reward(reward, customer=customer, now=make.clock.now())
    assert kim.get(path).status_code == 200
    assert Client().get(path).status_code == 302  # to the sign-in page
    other = make.product(title="Not of this campaign")
    private = make.product(title="Another organization's own", own_of=make.member().organization)
    for part in ("", "address/", "review/"):
        for strange in (other.pk, private.pk, 0, 2**70):  # what exists and what does not are told apart by nothing
            answer = kim.get(path.replace(f"/{product.pk}/", f"/{strange}/") + part, follow=True)
            assert answer.redirect_chain[-1][0] == path.partition("items/")[0], (part, strange)
            assert "This item is not available with this reward." in answer.text
            assert other.title not in answer.text and private.title not in answer.text


@pytest.mark.slow
def test_what_is_sold_out_offers_its_equals_or_to_wait(kim, customer, now):
    gone, equal = make.product(2500, stock_units=0, title="Gone"), make.product(2600, title="Equal")
    reward = make.reward(make.campaign(products=[gone]), claimed_by=customer)

    page = kim.get(item_page(kim, reward, gone)).text
    asked = kim.get(item_page(kim, reward, equal)).text

    assert "Sold out" in page and "Take one of these instead" in page and "Equal" in page
    assert "“Gone” is sold out. You can have this instead" in asked
    assert "Accept this instead" in asked and "Wait for the original" in asked and "On us" in asked
    Product.objects.filter(pk=equal.pk).update(stock=0)
    assert "Nothing of equal value is there right now" in kim.get(item_page(kim, reward, gone)).text


@pytest.mark.slow
def test_a_size_is_chosen_before_the_address_and_stands_on_the_order(kim, customer, now):
    product = make.product(2500, stock_units=0)
    small, large = (add_size(product, label, position=place, now=now) for place, label in enumerate(("S", "L")))
    receive_units(product, 1, size=large, now=now)
    reward = make.reward(make.campaign(products=[product]), claimed_by=customer)
    path = item_page(kim, reward, product)

    assert "In stock" in kim.get(path).text
    assert kim.get(path + "address/")["Location"] == path
    for size, said in (("", "Choose a size"), ("\x00", "Choose a size"), (small.pk, "is sold out in size S")):
        assert said in kim.post(path, {"size": size}).text
    assert kim.post(path, {"size": large.pk})["Location"] == path + "address/"
    address = {name: getattr(make.PORTLAND, name) for name in ("recipient", "country", "street", "city", "region")}
    review = kim.post(path + "address/", {**address, "postal_code": "97205"})["Location"]
    assert "Size L" in kim.get(review).text
    kim.post(review)

    assert Order.objects.get().size == "L"


# A category


@pytest.mark.slow
def test_a_shelf_is_searched_filtered_and_sorted_in_the_address_alone(kim, customer, now):
    make.product(1200, slug="tea", title="Black tea", list_price_cents=1300)
    make.product(800, slug="tea", title="Green tea", stock_units=0)
    make.product(9000, slug="tea", title="Tea chest", description="Of cedar", list_price_cents=20000)
    make.product(900, slug="books", title="Book of tea")
    page = open_page(kim, tea_reward(customer))

    assert titles(kim, page) == ["Green tea", "Black tea", "Tea chest"]
    assert titles(kim, page, "?sort=-price") == ["Tea chest", "Black tea", "Green tea"]
    assert titles(kim, page, "?sort=title") == ["Black tea", "Green tea", "Tea chest"]
    assert titles(kim, page, "?sort=discount") == ["Tea chest", "Black tea", "Green tea"]
    assert titles(kim, page, "?q=CEDAR+tea") == ["Tea chest"]
    assert titles(kim, page, "?least=8.01&most=90") == ["Black tea", "Tea chest"]
    assert titles(kim, page, "?in_stock=on&covered=on") == ["Black tea"]
    assert "Your credit pays $20.00, you pay" in kim.get(page).text
    assert "Nothing fits" in kim.get(page + "?q=coffee").text


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", ["?least=cheap", "?sort=stock", "?q=%00", "?q=" + "x" * 101, "?page=-1", "?page=9999999999999999999999"]
)
def test_what_a_shelf_cannot_understand_it_leaves_out(kim, customer, query):
    make.product(1200, slug="tea", title="Black tea")
    page = open_page(kim, tea_reward(customer))

    answer = kim.get(page + query)

    assert answer.status_code == 200
    assert titles(kim, page, query) == ["Black tea"]
    assert ("Fix these problems:" in answer.text) is ("page" not in query)


@pytest.mark.slow
@pytest.mark.parametrize("key", ["", "sk_test_moments"])
@pytest.mark.parametrize("is_member", [False, True])
@pytest.mark.parametrize("credit", [2000, 2600, 2749, 2750, 3100])
def test_what_the_credit_covers_is_what_leaves_nothing_to_pay(db, customer, now, settings, credit, is_member, key):
    """The database and the quote agree, around the threshold of free shipping and the last cent: with a payment
    provider that is the last that it does not take.
    """
    settings.STRIPE_SECRET_KEY = settings.STRIPE_PUBLISHABLE_KEY = key
    for price in (1272, 1273, 1274, 1817, 1818, 1819, 2272, 2273, 2499, 2500, 2501, 2363, 2364, 2818, 2819):
        make.product(price, slug="tea")
        make.product(price, slug="tea", kind="digital")
    if is_member:
        Membership.objects.create(user=customer, starts_on=now.date(), ends_on=now.date())
    reward = tea_reward(customer, cpa_cents=credit)
    terms = quotes.terms_at(reward, HOME, customer=customer, now=now)
    shelf = list(browse(reward, BrowseFilter(), terms))

    free = {product for product in shelf if not quotes.quote_at(reward, category_offer(product), terms).to_pay_cents}

    assert set(browse(reward, BrowseFilter(is_covered=True), terms)) == free
    assert 0 < len(free) < len(shelf) or credit == 3100


@pytest.mark.slow
def test_a_percentage_never_pays_for_all_of_it_and_is_not_asked_about(kim, customer):
    make.product(1000, slug="tea")
    reward = tea_reward(customer, percent_off=50)
    page = open_page(kim, reward)

    assert "Nothing to pay" not in kim.get(page).text
    assert "The credit pays 50 % of the item, its tax and its shipping, up to its amount." in kim.get(page).text
    assert "Your credit pays $8.50" in kim.get(page).text  # half of $10.00, $5.99 shipping, tax


@pytest.mark.slow
def test_a_shelf_of_five_thousand_is_as_quick_as_a_short_one(kim, customer):
    category = make.category("tea")
    store = Marketplace.objects.get(code="US")
    make.product(1200, slug="tea", title="Black tea")
    page = open_page(kim, tea_reward(customer))

    def queries(query: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert kim.get(page + query).status_code == 200
        return len(caught)

    short = queries("?q=tea")
    Product.objects.bulk_create(
        Product(
            marketplace=store,
            category=category,
            sku=f"TEA-{number}",
            title=f"Tea {number}",
            description="Leaves of a hill, dried in the sun and rolled by hand.",
            price_cents=500 + number,
            list_price_cents=600 + number,
            stock=number % 3,
        )
        for number in range(5000)
    )

    begun = time.monotonic()
    assert queries("?q=tea&sort=discount&in_stock=on&page=30") == short
    assert time.monotonic() - begun < 2
    assert short < 25


def test_another_organizations_own_product_is_in_no_reward(kim, customer, member):
    own = make.product(1200, slug="tea", title="Own tea", own_of=make.member().organization)
    make.product(1200, slug="tea", title="Black tea")
    reward = tea_reward(customer)

    assert titles(kim, open_page(kim, reward)) == ["Black tea"]
    text = kim.get(item_page(kim, reward, own), follow=True).text
    assert "This item is not available with this reward." in text and "Own tea" not in text


# Waiting for what is gone


@pytest.fixture
def gone(db, customer):
    """A claimed reward of a product that is sold out, and nothing like it."""
    product = make.product(2500, stock_units=0, title="Gone")
    return product, make.reward(make.campaign(products=[product]), claimed_by=customer)


def test_who_asked_is_told_once_when_it_is_back(kim, customer, gone, now):
    product, reward = gone
    path = item_page(kim, reward, product)

    for _time in range(2):
        assert "A mail tells you as soon as it is back." in kim.post(path, follow=True).text
    assert notify_back_in_stock(now=now) == 0
    receive_units(product, 1, now=now)

    assert [notify_back_in_stock(now=now) for _time in range(2)] == [1, 0]
    mail = render_mail(Mail.objects.get(kind="back_in_stock", to_email=customer.email))
    assert mail.subject == "It is back: Gone" and reward_link(reward) in mail.text
    assert BackInStockAlert.objects.count() == 1


@pytest.mark.parametrize("why", ["ordered", "expired", "voided"])
def test_whose_reward_is_over_is_told_nothing(gone, now, why):
    product, reward = gone
    create_stock_alert(reward, product, now=now)
    receive_units(product, 5, now=now)
    late = reward.campaign.rewards_expire_at if why == "expired" else now
    if why == "ordered":
        make.order(reward, by=reward.customer)
    if why == "voided":
        void_reward(reward, now=now)

    assert notify_back_in_stock(now=late) == 0
    assert not Mail.objects.filter(kind="back_in_stock").exists()


def test_nobody_waits_for_what_is_there_or_with_what_is_not_theirs(reward, gone, now):
    product, claimed = gone
    receive_units(product, 1, now=now)

    for held, wanted in ((claimed, product), (reward, reward.group.choices.get().product)):
        with pytest.raises(RuleViolation):
            create_stock_alert(held, wanted, now=now)
    assert not BackInStockAlert.objects.exists()


def test_whoever_holds_the_last_unit_and_lets_go_of_it_floods_nobody(gone, now):
    product, reward = gone
    stock.receive_units(product, 1, now=now)
    shown = []

    for _time in range(3):
        reserve_unit(reward, customer=reward.customer, product=product, address=make.PORTLAND, now=now)
        shown.append(notify_operators_of_stockouts(now=now))
        release_lapsed(now=now + HOLD)

    assert shown == [1, 0, 0]


def test_staff_are_told_of_a_gap_once_each_time_it_opens(gone, now):
    product, _reward = gone

    assert [notify_operators_of_stockouts(now=now) for _time in range(2)] == [1, 0]
    stock.receive_units(product, 1, now=now)
    assert notify_operators_of_stockouts(now=now) == 0
    stock.count_units(product, 0, now=now)
    assert notify_operators_of_stockouts(now=now) == 1
    make.product(2600)
    stock.receive_units(product, 1, now=now)
    stock.count_units(product, 0, now=now)
    assert notify_operators_of_stockouts(now=now) == 0  # something stands in for it
    assert Mail.objects.filter(subject="Nothing stands in for “Gone”").count() == 2


@pytest.mark.slow
@pytest.mark.parametrize("units", [1, 2, 5, 6, 1000])
def test_customers_never_read_how_many_there_are(kim, customer, units, now):
    """Whoever owns the product could count redemptions with it."""
    product = make.product(2500, stock_units=units)
    large = add_size(sized := make.product(2500, stock_units=0), "L", position=1, now=now)
    receive_units(sized, units, size=large, now=now)
    reward = make.reward(make.campaign(products=[product, sized]), claimed_by=customer)

    pages = [open_page(kim, reward), item_page(kim, reward, product), item_page(kim, reward, sized)]

    for page in pages:
        text = re.sub(r"<[^>]*>", " ", kim.get(page).text)
        assert not re.search(r"\b(only )?\d+ (left|in stock|available|remaining)\b", text, re.I), page
    assert Product.objects.get(pk=product.pk).stock_in_words == "In stock"
