"""The pages where a customer pays what exceeds the credit, against a Stripe of our own on this machine."""

import re

import pytest

from moments.integrations import stripe as stripe_api
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from redemption.models import Order, OrderPayment, Reservation
from rewards.issuing.service import queue_reward_mail
from tests import make
from tests.redemption.addresses.test_addresses import PORTLAND_FORM
from tests.redemption.checkout.cards import begin, pay
from tests.redemption.claim.test_pages import open_page


@pytest.mark.slow
def test_what_is_not_all_paid_for_is_not_called_free(stripe, short, customer, client, now):
    page, whole = open_page(client, short), make.reward(make.campaign())
    make.product(1000, slug="tea")
    half = make.reward(make.campaign(slug="tea", cpa_cents=2000))
    half.campaign.groups.update(percent_off=50)
    for reward in (short, whole, half):
        queue_reward_mail(reward.pk, to_email=customer.email, language="en", now=now)
    queued = Mail.objects.filter(kind="reward_issued").order_by("pk")
    mail, mail_of_whole, mail_of_half = (render_mail(mail).text for mail in queued)

    anybody = client.get(page).text
    client.force_login(short.customer)
    shown = [mail, anybody, client.get(page).text]

    assert [("free" in text, "as far as it goes" in text) for text in shown] == [(False, True)] * 3
    assert "free, shipping and tax included" in mail_of_whole
    assert "The credit pays 50 % of" in mail_of_half and "free" not in mail_of_half
    assert "free, shipping and tax included" in client.get(open_page(client, whole)).text


def test_a_category_is_called_free_where_nothing_beyond_it_can_be_paid(db, client, stripe_settings, settings):
    make.product(1000, slug="tea")
    page = open_page(client, make.reward(make.campaign(slug="tea", cpa_cents=2000)))
    assert "A present of your choice from Tea, free." in client.get(page).text

    for name, value in stripe_settings.items():
        setattr(settings, name, value)
    text = client.get(page).text
    assert "A credit for a present of your choice from Tea." in text and ", free" not in text


@pytest.mark.slow
def test_the_rest_is_paid_on_a_page_of_its_own(stripe, short, client, now):
    client.force_login(short.customer)
    item = f"{open_page(client, short)}items/{short.group.choices.get().product_id}/"
    assert "yours to pay by card" in client.get(item).text
    client.post(f"{item}address/", PORTLAND_FORM)
    assert "$3.49 is yours to pay" in client.get(f"{item}review/").text

    assert client.get(f"{item}pay/")["Location"] == f"{item}review/"
    assert client.post(f"{item}review/")["Location"] == f"{item}pay/"
    page = client.get(f"{item}pay/")
    secret = re.search(r'data-secret="([^"]+)"', page.text).group(1)
    assert "https://js.stripe.com" in page["Content-Security-Policy"] and page["Cache-Control"] == "no-store, private"
    assert "has not come through yet" in client.post(f"{item}pay/", follow=True).text
    pay(stripe, stripe_api.Intent(secret.partition("_secret_")[0], "", 0, secret=secret))
    assert "One more step" in client.get(f"{item}pay/").text
    order = client.post(f"{item}pay/", follow=True)

    assert "We have your order" in order.text and "$3.49" in order.text
    assert client.post(f"{item}pay/")["Location"] == f"{item}review/"


def after_the_review(client, reward):
    client.force_login(reward.customer)
    item = f"{open_page(client, reward)}items/{reward.group.choices.get().product_id}/"
    client.post(f"{item}address/", PORTLAND_FORM)
    return client.post(f"{item}review/", follow=True)


def test_without_keys_of_stripe_the_page_says_that_nothing_can_be_paid(short, client, settings, now):
    settings.STRIPE_SECRET_KEY = ""

    page = after_the_review(client, short)

    assert "The rest cannot be paid here" in page.text
    assert not OrderPayment.objects.exists() and not Order.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "value"),
    [("STRIPE_API_BASE", "http://127.0.0.1:9"), ("STRIPE_SECRET_KEY", "revoked")],
)
def test_a_provider_that_is_gone_or_does_not_know_us_is_told_kindly(short, client, settings, now, setting, value):
    setattr(settings, setting, value)

    page = after_the_review(client, short)

    assert "is not responding" in page.text
    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert Reservation.objects.exists(), "nothing is lost"
    assert not Order.objects.exists()


@pytest.mark.slow
def test_a_payment_that_stripe_does_not_know_is_ended_and_another_may_begin(short, client, now):
    client.force_login(short.customer)
    item = f"{open_page(client, short)}items/{short.group.choices.get().product_id}/"
    begin(short, now)
    OrderPayment.objects.update(intent_id="pi_of_another_account")

    page = client.get(f"{item}pay/", follow=True).text

    assert "no longer knows this payment" in page and "pi_of_another_account" not in page
    assert OrderPayment.objects.get().status == "ended"
    assert "pi_of_another_account" in Mail.objects.get(kind="plain", text__contains="pi_").text, "operators hear of it"
    assert client.post(f"{item}review/")["Location"] == f"{item}pay/"
    assert OrderPayment.objects.filter(status="open").exclude(intent_id="pi_of_another_account").exists()
