"""Payments whose page was open for a while: the amount changes, the browser is closed, another tab looks again."""

import re

import pytest

from catalog.models import Marketplace, Product
from catalog.stock import add_size, receive_units
from moments.integrations import stripe as stripe_api
from outbox.models import Mail
from redemption.models import Membership, Order, OrderPayment, Reservation
from tests import make
from tests.harness.strange_server import strange_server
from tests.redemption.addresses.test_addresses import PORTLAND_FORM
from tests.redemption.checkout.cards import begin, pay, refunds_of
from tests.redemption.claim.test_pages import open_page


@pytest.fixture
def item(short, client) -> str:
    """The address of the item whose payment is open; its customer is signed in."""
    client.force_login(short.customer)
    return f"{open_page(client, short)}items/{short.group.choices.get().product_id}/"


@pytest.fixture
def open_payment(short, item, now):
    return begin(short, now)


def shipping_costs(cents: int) -> None:
    Marketplace.objects.update(flat_shipping_cents=cents)


def secret_of(page) -> str:
    return re.search(r'data-secret="([^"]+)"', page.text).group(1)


@pytest.mark.slow
def test_the_page_of_payment_asks_for_what_it_costs_now(stripe, item, client, open_payment):
    old, intent = open_payment
    assert "Pay $3.49" in client.get(f"{item}pay/").text
    shipping_costs(699)

    page = client.get(f"{item}pay/")

    assert "Pay $4.49" in page.text and "It is $4.49 now." in page.text
    assert stripe_api.retrieve_intent(intent.id).status == "canceled", "nobody pays the old amount any more"
    assert OrderPayment.objects.get(status="open").amount_cents == 449
    secret = secret_of(page)
    pay(stripe, stripe_api.Intent(secret.partition("_secret_")[0], "", 0, secret=secret))
    assert "We have your order" in client.post(f"{item}pay/", follow=True).text
    assert Order.objects.get().paid_cents == 449 and not Mail.objects.filter(kind="payment_returned").exists()


def test_right_before_the_card_is_charged_it_is_asked_again(stripe, item, client, open_payment):
    old, intent = open_payment
    check = f"{item}pay/check/"
    assert client.post(check, {"payment": old.pk}).status_code == 204
    shipping_costs(699)

    assert client.post(check, {"payment": old.pk}).status_code == 409

    assert stripe_api.retrieve_intent(intent.id).status == "canceled"
    assert client.post(check, {"payment": old.pk}).status_code == 409, "a page that shows the old one"
    new = OrderPayment.objects.get(status="open")
    assert client.post(check, {"payment": new.pk}).status_code == 204
    assert client.get(check).status_code == 405


@pytest.mark.parametrize("typed", [{}, {"payment": ""}, {"payment": "x"}, {"payment": "9" * 30}])
def test_a_check_of_no_payment_charges_nothing(stripe, item, client, open_payment, typed):
    assert client.post(f"{item}pay/check/", typed).status_code == 409
    assert OrderPayment.objects.get().status == "open"


@pytest.mark.slow
def test_where_nothing_is_left_to_pay_nothing_is_asked_for(stripe, item, short, client, open_payment, now):
    Membership.objects.create(user=short.customer, starts_on=now.date(), ends_on=now.date())

    page = client.get(f"{item}pay/", follow=True)

    assert "there is nothing to pay" in page.text and "Place order" in page.text
    assert OrderPayment.objects.get().status == "ended"
    assert "We have your order" in client.post(f"{item}review/", follow=True).text
    assert Order.objects.get().paid_cents == 0


def test_what_cannot_be_ordered_any_more_cannot_be_paid_any_more(stripe, item, short, client, open_payment):
    _payment, intent = open_payment
    Reservation.objects.all().delete()

    answer = client.get(f"{item}pay/")

    assert answer.status_code == 302
    assert stripe_api.retrieve_intent(intent.id).status == "canceled"
    assert OrderPayment.objects.get().status == "ended"


# Paid, and the browser closed


@pytest.mark.slow
@pytest.mark.parametrize("where", ["review/", "../../"])
def test_whoever_paid_and_left_finds_the_order(stripe, item, client, open_payment, where):
    _payment, intent = open_payment
    pay(stripe, intent)

    page = client.get(f"{item}review/" if where == "review/" else item.split("items/")[0], follow=True)

    assert "We have your order" in page.text
    assert (Order.objects.get().paid_cents, OrderPayment.objects.get().status) == (349, "paid")


def test_whoever_paid_for_what_cannot_be_ordered_hears_that_it_goes_back(stripe, item, client, open_payment):
    payment, intent = open_payment
    pay(stripe, intent)
    Reservation.objects.all().delete()

    page = client.get(item.split("items/")[0], follow=True)

    assert "goes back to your card" in page.text and not Order.objects.exists()
    payment.refresh_from_db()
    assert payment.status == "refunding" and refunds_of(payment.intent_id) == []


def test_a_payment_that_was_only_begun_is_still_to_be_paid(stripe, item, client, open_payment):
    page = client.get(f"{item}review/")

    assert "$3.49 is yours to pay" in page.text and "checking whether" not in page.text
    assert "checking whether" not in client.get(item.split("items/")[0]).text


@pytest.mark.slow
def test_the_pages_of_a_payment_outlive_nonsense(stripe, item, client, open_payment, settings):
    for mode in ("empty", "html", "wrong types", "broken", "null"):
        with strange_server(mode) as strange:
            settings.STRIPE_API_BASE = strange.url
            shown = [client.get(f"{item}{page}").status_code for page in ("review/", "pay/")]
            shown.append(client.get(item.split("items/")[0]).status_code)
        assert shown == [200, 503, 200], mode
    assert OrderPayment.objects.get().status == "open"


# Held for whom


@pytest.mark.slow
def test_the_last_unit_is_not_sold_out_for_whoever_holds_it(item, short, client, open_payment):
    assert Product.objects.get(pk=short.group.choices.get().product_id).stock == 0
    page = client.get(item.split("items/")[0]).text

    assert "is reserved for you for" in page and "Sold out" not in page
    assert "Choose" in page
    other = make.reward(short.group.campaign, claimed_by=make.customer())
    client.force_login(other.customer)
    assert "Sold out" in client.get(open_page(client, other)).text, "for everybody else it is"


def test_a_size_that_is_held_is_not_sold_out_for_whoever_holds_it(client, customer, now):
    product = make.product(2000, stock_units=0)
    size = add_size(product, "L", now=now)
    receive_units(product, 1, size=size, now=now)
    reward = make.reward(make.campaign(products=[product], cpa_cents=4000), claimed_by=customer)
    client.force_login(customer)
    item = f"{open_page(client, reward)}items/{product.pk}/"
    client.post(item, {"size": size.pk})
    client.post(f"{item}address/", PORTLAND_FORM)
    assert Reservation.objects.get().size == size

    page = client.get(item).text

    assert "sold out" not in page.lower() and "disabled" not in page
    assert client.post(item, {"size": size.pk})["Location"] == f"{item}address/"
    assert Reservation.objects.count() == 1
