"""What exceeds the credit, paid against a Stripe of our own on this machine."""

import dataclasses
import datetime as dt
import urllib.error
import urllib.request
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import RewardGroup
from catalog.models import Marketplace, Product
from moments.errors import RuleViolation
from moments.integrations import stripe as stripe_api
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from redemption.checkout import payments
from redemption.checkout.place_order import place_order
from redemption.checkout.reservations import release_lapsed, reserve_unit
from redemption.choosing import quotes
from redemption.choosing.offers import category_offer
from redemption.models import Order, OrderPayment, Reservation
from rewards.issuing.voiding import void_reward
from rewards.models import Reward
from tests import make
from tests.races.crowd import rush
from tests.redemption.addresses.test_addresses import PORTLAND_FORM
from tests.redemption.checkout.cards import DECLINED, GOOD, begin, held_by, left, pay, refunds_of
from tests.redemption.claim.test_pages import open_page


def test_the_parts_of_an_order_add_up_in_the_database(reward, customer):
    make.order(reward, by=customer)

    for wrong in ({"credit_cents": 2400}, {"paid_cents": 1}, {"paid_cents": -1, "operator_paid_cents": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Order.objects.update(**wrong)


def test_nothing_is_ordered_before_the_rest_is_paid(short, now):
    held = held_by(short, now)

    with pytest.raises(RuleViolation) as caught:
        place_order(short, customer=short.customer, product=held.product, address=make.PORTLAND, now=now)

    assert caught.value.code == "not_paid"
    assert (Order.objects.count(), Reservation.objects.count()) == (0, 1)


def test_the_order_is_placed_when_stripe_has_the_money(stripe, short, now):
    payment, intent = begin(short, now)
    assert (payment.amount_cents, intent.amount_cents, intent.currency) == (349, 349, "USD")
    assert payments.settle_payment(payment, now=now).status == "open"
    pay(stripe, intent)

    payments.settle_payment(payment, now=now)

    order = Order.objects.get()
    assert (payment.status, payment.order) == ("paid", order)
    assert (order.item_cents, order.shipping_cents, order.credit_cents, order.paid_cents) == (2000, 599, 2250, 349)
    assert not Reservation.objects.exists() and left(short) == 0
    assert "$3.49" in render_mail(Mail.objects.get(kind="order_confirmed")).text


def test_beginning_again_is_the_same_payment_until_the_sum_changes(short, now):
    first, intent = begin(short, now)
    assert begin(short, now)[0] == first

    seattle = dataclasses.replace(make.PORTLAND, city="Seattle", region="WA", postal_code="98101")
    second = payments.begin_payment(held_by(short, now, seattle), now=now)

    assert (second.amount_cents, OrderPayment.objects.get(pk=first.pk).status) == (537, "ended")
    assert stripe_api.retrieve_intent(intent.id).status == "canceled"


def test_a_card_that_is_declined_costs_nothing_and_another_may_be_tried(stripe, short, now):
    payment, intent = begin(short, now)

    with pytest.raises(urllib.error.HTTPError):
        pay(stripe, intent, DECLINED)
    assert payments.settle_payment(payment, now=now).status == "open"
    pay(stripe, intent, GOOD)
    payments.settle_payment(payment, now=now)

    assert payment.status == "paid"


def test_whoever_pays_and_leaves_gets_the_order_by_the_sweep(stripe, short, now):
    payment, intent = begin(short, now)
    pay(stripe, intent)

    assert payments.sweep_payments(now=now) == 0, "the browser may still be at it"
    for minutes in (1, 2):
        payments.sweep_payments(now=now + dt.timedelta(minutes=minutes))

    payment.refresh_from_db()
    assert (payment.status, Order.objects.get().paid_cents) == ("paid", 349)


def test_whoever_leaves_without_paying_gives_the_unit_back(short, now):
    payment, intent = begin(short, now)

    release_lapsed(now=now + dt.timedelta(minutes=19, seconds=59))
    assert left(short) == 0, "it is held while it is being paid for"
    payments.sweep_payments(now=now + payments.PAY_WITHIN)
    release_lapsed(now=now + payments.PAY_WITHIN)

    payment.refresh_from_db()
    assert (payment.status, left(short)) == ("ended", 1)
    assert stripe_api.retrieve_intent(intent.id).status == "canceled"


def test_an_answer_that_is_lost_is_asked_about_and_nothing_is_paid_twice(stripe, short, now, monkeypatch):
    payment, intent = begin(short, now)
    pay(stripe, intent)

    def lost(_intent_id):
        raise stripe_api.OutcomeUnknown("the line went dead")

    monkeypatch.setattr(stripe_api, "retrieve_intent", lost)
    with pytest.raises(RuleViolation, match="is not responding"):
        payments.settle_payment(payment, now=now)
    payments.sweep_payments(now=now + payments.PAY_WITHIN)
    payment.refresh_from_db()
    assert (payment.status, Order.objects.count(), left(short)) == ("open", 0, 0)
    monkeypatch.undo()

    payments.sweep_payments(now=now + payments.PAY_WITHIN)

    payment.refresh_from_db()
    assert (payment.status, OrderPayment.objects.count(), Order.objects.count()) == ("paid", 1, 1)


def test_a_payment_whose_number_was_lost_is_begun_again_under_the_same_key(short, now, monkeypatch):
    begin_intent, keys = stripe_api.begin_intent, []

    def lost_once(**fields):
        keys.append(fields["reference"])
        made = begin_intent(**fields)
        if len(keys) == 1:
            raise stripe_api.OutcomeUnknown("the line went dead")
        return made

    monkeypatch.setattr(stripe_api, "begin_intent", lost_once)
    with pytest.raises(RuleViolation, match="is not responding"):
        begin(short, now)

    payment, _intent = begin(short, now)

    assert keys == [f"moments-order-payment-{payment.pk}"] * 2


@pytest.mark.parametrize("how", ["expired", "voided", "not held", "dearer"])
def test_what_is_paid_and_cannot_be_ordered_goes_back_and_is_told(stripe, short, now, how):
    payment, intent = begin(short, now)
    pay(stripe, intent)
    at = now
    if how == "expired":
        at = short.campaign.rewards_expire_at
    elif how == "voided":
        void_reward(short, now=now)
    elif how == "not held":
        Reservation.objects.all().delete()
    else:
        Reservation.objects.update(region="WA", city="Seattle", postal_code="98101")

    payments.settle_payment(OrderPayment.objects.get(), now=at)
    for _time in range(2):
        payments.sweep_payments(now=at)

    payment.refresh_from_db()
    assert (payment.status, refunds_of(intent.id), Order.objects.count()) == ("refunded", [349], 0)
    shown = render_mail(Mail.objects.get(kind="payment_returned"))
    assert "$3.49" in shown.text and payment.reason in shown.text


def test_why_a_payment_goes_back_is_said_in_the_customers_language(stripe, short, now):
    product = short.group.choices.get().product
    held = reserve_unit(short, customer=short.customer, product=product, address=make.PORTLAND, now=now)
    pay(stripe, payments.intent_of(payments.begin_payment(held, language="ja", now=now), now=now))
    void_reward(short, now=now)

    payments.sweep_payments(now=now + dt.timedelta(minutes=2))

    assert OrderPayment.objects.get().reason == "このリワードはご利用いただけません。"


def test_a_payment_that_came_through_while_something_else_was_chosen_is_the_order(stripe, customer, now):
    first, second = make.product(2000, stock_units=1), make.product(2000)
    reward = make.reward(make.campaign(products=[first, second], cpa_cents=2250), claimed_by=customer)
    held = reserve_unit(reward, customer=customer, product=first, address=make.PORTLAND, now=now)
    pay(stripe, payments.intent_of(payments.begin_payment(held, now=now), now=now))

    with pytest.raises(RuleViolation, match="is paid, so it is ordered"):
        payments.leave_payment(reward, product=second, size=None, now=now)

    assert Order.objects.get().product == first


def test_choosing_something_else_ends_a_payment_that_was_begun(stripe, customer, now):
    first, second = make.product(2000, stock_units=1), make.product(2000)
    reward = make.reward(make.campaign(products=[first, second], cpa_cents=2250), claimed_by=customer)
    held = reserve_unit(reward, customer=customer, product=first, address=make.PORTLAND, now=now)
    payment = payments.begin_payment(held, now=now)
    with pytest.raises(RuleViolation, match="is being paid for"):
        reserve_unit(reward, customer=customer, product=second, address=make.PORTLAND, now=now)

    payments.leave_payment(reward, product=second, size=None, now=now)
    reserve_unit(reward, customer=customer, product=second, address=make.PORTLAND, now=now)

    payment.refresh_from_db()
    assert (payment.status, Product.objects.get(pk=first.pk).stock) == ("ended", 1)
    with pytest.raises(urllib.error.HTTPError):
        pay(stripe, stripe_api.retrieve_intent(payment.intent_id))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_browser_and_the_sweep_at_once_place_one_order(stripe, short, now):
    payment, intent = begin(short, now)
    pay(stripe, intent)

    def settle(_number: int) -> str:
        return payments.settle_payment(payments.payment_of(short) or payment, now=now).status

    rush(8, settle)

    payment.refresh_from_db()
    assert (payment.status, Order.objects.count(), refunds_of(intent.id)) == ("paid", 1, [])
    assert not Mail.objects.filter(kind="payment_returned").exists()


def test_a_payment_whose_number_came_meanwhile_is_not_ended_as_one_that_nobody_can_pay(stripe, short, now):
    payment, intent = begin(short, now)
    as_the_sweep_read_it = OrderPayment.objects.get()
    as_the_sweep_read_it.intent_id = ""

    payments.end_payment(as_the_sweep_read_it, now=now)

    assert OrderPayment.objects.get().status == "open"
    pay(stripe, intent)
    assert payments.settle_payment(payment, now=now).status == "paid" and Order.objects.count() == 1


# Too little to be paid


def quote_short_of(cents: int, store: Marketplace) -> quotes.Quote:
    """A code of 5,000, with a credit that is so much short of it."""
    group = RewardGroup(marketplace=store)
    reward = Reward(group=group, currency=store.currency, credit_cents=5000 - cents)
    terms = quotes.Terms(is_member=False, tax_rate=Decimal(0), included_rate=Decimal(0))
    return quotes.quote_at(reward, category_offer(Product(kind="digital", price_cents=5000)), terms)


def test_what_stripe_would_not_take_is_on_us_in_every_currency(stripe, db):
    stores = list(Marketplace.objects.all())
    assert len(stores) == 13 and {store.currency for store in stores} == set(stripe_api.SMALLEST)

    for store in stores:
        least = stripe_api.SMALLEST[store.currency]
        waived, asked_for = quote_short_of(least - 1, store), quote_short_of(least, store)
        assert (waived.credit_cents, waived.operator_paid_cents, waived.to_pay_cents) == (5001 - least, least - 1, 0)
        assert (asked_for.credit_cents, asked_for.operator_paid_cents, asked_for.to_pay_cents) == (
            5000 - least,
            0,
            least,
        )


def test_where_nothing_is_paid_at_all_nothing_is_on_us_either(db, settings):
    settings.STRIPE_SECRET_KEY = ""

    quote = quote_short_of(1, Marketplace.objects.get(code="US"))

    assert (quote.operator_paid_cents, quote.to_pay_cents, quote.can_be_paid) == (0, 1, False)


@pytest.mark.slow
def test_a_rest_below_what_stripe_takes_is_ordered_at_once_and_shown_everywhere(stripe, customer, client):
    product = make.product(2000, stock_units=1)
    reward = make.reward(make.campaign(products=[product], cpa_cents=2550), claimed_by=customer)  # of $25.99
    client.force_login(customer)
    item = f"{open_page(client, reward)}items/{product.pk}/"
    client.post(f"{item}address/", PORTLAND_FORM)
    review = client.get(f"{item}review/").text
    assert "On us" in review and "−$0.49" in review and "Place order" in review

    page = client.post(f"{item}review/", follow=True).text

    order = Order.objects.get()
    assert (order.credit_cents, order.operator_paid_cents, order.paid_cents) == (2550, 49, 0)
    assert not OrderPayment.objects.exists()
    assert "On us" in page and "−$0.49" in page
    mail = render_mail(Mail.objects.get(kind="order_confirmed"))
    assert "On us: −$0.49" in mail.text and "−$0.49" in mail.html and "costs you nothing" in mail.text
