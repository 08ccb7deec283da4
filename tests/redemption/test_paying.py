"""What exceeds the credit, paid against a Stripe of our own on this machine."""

import dataclasses
import datetime as dt
import json
import re
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from campaigns.payments import stripe_api
from catalog.models import Product
from moments.errors import RuleViolation
from outbox.mail import render_mail
from outbox.models import Mail
from redemption import handling, paying
from redemption.models import Order, OrderPayment, Reservation
from redemption.reservations import release_lapsed, reserve_unit
from redemption.services import place_order
from rewards.services import void_reward
from tests import make
from tests.harness.stripe_server import stripe_server
from tests.races.crowd import rush
from tests.redemption.test_addresses import PORTLAND_FORM
from tests.redemption.test_pages import open_page

GOOD, DECLINED, ASKS_FOR_OWNER = "4242424242424242", "4000000000000341", "4000002500003155"


@pytest.fixture(scope="module")
def server():
    with stripe_server() as settings:
        yield settings


@pytest.fixture
def stripe(server, settings):
    for name, value in server.items():
        setattr(settings, name, value)
    return server["STRIPE_API_BASE"]


def pay(base: str, intent: stripe_api.Intent, number: str = GOOD) -> dict:
    """As Stripe's field in the browser does it, with the publishable key alone."""
    card = {"number": number, "exp_month": "4", "exp_year": "2031", "cvc": "123"}
    body = {"key": "pk_test_moments", "client_secret": intent.secret}
    body |= {"payment_method_data": {"type": "card", "card": card}}
    url = f"{base}/v1/payment_intents/{intent.id}/_authenticate/pay"
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()), timeout=10) as answer:
        return json.load(answer)


def refunds_of(intent_id: str) -> list[int]:
    client = stripe_api._client("sk_test_moments", stripe_api.settings.STRIPE_API_BASE)
    return [refund.amount for refund in client.v1.refunds.list({"payment_intent": intent_id}).data]


@pytest.fixture
def paid(stripe, reward, customer, now) -> OrderPayment:
    """An order of which the customer has paid $5.00."""
    order = make.order(reward, by=customer)
    Order.objects.update(credit_cents=2000, paid_cents=500)
    intent = stripe_api.begin_intent(amount_cents=500, currency="USD", reference=f"test-{reward.pk}")
    assert pay(stripe, intent)["status"] == "succeeded"
    return OrderPayment.objects.create(
        reward=reward,
        customer=customer,
        product=order.product,
        order=order,
        status="paid",
        amount_cents=500,
        currency="USD",
        intent_id=intent.id,
        begun_at=now,
    )


def test_the_parts_of_an_order_add_up_in_the_database(reward, customer):
    make.order(reward, by=customer)

    for wrong in ({"credit_cents": 2400}, {"paid_cents": 1}, {"paid_cents": -1, "borne_cents": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Order.objects.update(**wrong)


# Refunds


def test_what_was_paid_goes_back_once_with_the_order(paid, now):
    handling.cancel_order(paid.order, by=make.operator(), reason="Lost.", now=now)
    paid.refresh_from_db()
    assert (paid.status, refunds_of(paid.intent_id)) == ("refunding", [])

    for _time in range(3):
        paying.sweep_payments(now=now)

    paid.refresh_from_db()
    assert (paid.status, paid.why, refunds_of(paid.intent_id)) == ("refunded", "Lost.", [500])
    assert paying.refund_payment(paid.order, why="Again.", now=now) is None


def test_what_was_paid_for_a_lost_parcel_goes_back_and_the_mail_says_so(paid, now):
    operator = make.operator()
    paid.order.refresh_from_db()
    handling.ship_order(paid.order, by=operator, now=now)

    handling.refund_order(paid.order, by=operator, reason="Lost.", now=now)
    paying.sweep_payments(now=now)

    assert refunds_of(paid.intent_id) == [500]
    mail = Mail.objects.get(kind="order_refunded")
    assert mail.context["paid_back_cents"] == 500 and "$5.00" in render_mail(mail).text


def test_a_refund_whose_answer_is_lost_is_asked_about_and_not_made_twice(paid, now, monkeypatch):
    give_back = stripe_api.give_back

    def lost(intent_id, **fields):
        give_back(intent_id, **fields)
        raise stripe_api.Unanswered("the line went dead")

    paying.refund_payment(paid.order, why="Returned.", now=now)
    monkeypatch.setattr(stripe_api, "give_back", lost)
    paying.sweep_payments(now=now)
    paid.refresh_from_db()
    assert paid.status == "refunding"

    monkeypatch.undo()
    paying.sweep_payments(now=now)

    paid.refresh_from_db()
    assert (paid.status, refunds_of(paid.intent_id)) == ("refunded", [500])


def test_after_a_refund_that_failed_another_is_made_and_a_failure_is_not_called_done(paid, now, monkeypatch):
    paying.refund_payment(paid.order, why="Returned.", now=now)
    failed, keys = SimpleNamespace(status="failed", failure_reason="lost_or_stolen_card"), []

    def create(params, options):
        keys.append(options["idempotency_key"])
        return failed if len(keys) == 1 else SimpleNamespace(status="pending", failure_reason=None)

    refunds = SimpleNamespace(list=lambda params: SimpleNamespace(data=[failed] * len(keys)), create=create)
    client = SimpleNamespace(v1=SimpleNamespace(refunds=refunds))
    monkeypatch.setattr(stripe_api, "_call", lambda act: act(client))

    told = [(paying.sweep_payments(now=now), OrderPayment.objects.get().status) for _time in range(2)]

    assert told == [(1, "refunding"), (1, "refunded")]
    assert len(set(keys)) == 2, "under the first key Stripe would repeat the failure"


def test_a_payment_that_fails_unforeseen_holds_up_no_other(paid, short, now, monkeypatch):
    paying.refund_payment(paid.order, why="Returned.", now=now)
    broken, _intent = begin(short, now - dt.timedelta(hours=1))
    ask_for = stripe_api.ask_for

    def ask(intent_id: str) -> stripe_api.Intent:
        return ask_for(intent_id) if intent_id != broken.intent_id else 1 / 0

    monkeypatch.setattr(stripe_api, "ask_for", ask)

    assert paying.sweep_payments(now=now) == 1
    paid.refresh_from_db()
    assert (paid.status, refunds_of(paid.intent_id)) == ("refunded", [500])


def test_a_slow_stripe_does_not_keep_a_worker(paid, now, monkeypatch):
    paying.refund_payment(paid.order, why="Returned.", now=now)
    monkeypatch.setattr(paying, "SWEEP_FOR", dt.timedelta(microseconds=-1))

    assert paying.sweep_payments(now=now) == 0


def test_an_order_that_cost_nothing_has_nothing_to_refund(reward, customer, now):
    order = make.order(reward, by=customer)

    assert paying.refund_payment(order, why="Lost.", now=now) is None


# Paying


@pytest.fixture
def short(stripe, customer):
    """A reward whose credit is $3.49 short of its item in Oregon: $20.00, $5.99 of shipping."""
    product = make.product(2000, stock_units=1)
    return make.reward(make.campaign(products=[product], cpa_cents=2250), claimed_by=customer)


def held_by(reward, now, address=make.PORTLAND):
    product = reward.group.choices.get().product
    return reserve_unit(reward, customer=reward.customer, product=product, address=address, now=now)


def begin(reward, now) -> tuple[OrderPayment, stripe_api.Intent]:
    payment = paying.begin_payment(held_by(reward, now), now=now)
    return payment, paying.intent_of(payment)


def left(reward) -> int:
    return Product.objects.get(pk=reward.group.choices.get().product_id).stock


def test_nothing_is_ordered_before_the_rest_is_paid(short, now):
    held = held_by(short, now)

    with pytest.raises(RuleViolation) as caught:
        place_order(short, customer=short.customer, product=held.product, address=make.PORTLAND, now=now)

    assert caught.value.code == "not_paid"
    assert (Order.objects.count(), Reservation.objects.count()) == (0, 1)


def test_the_order_is_placed_when_stripe_has_the_money(stripe, short, now):
    payment, intent = begin(short, now)
    assert (payment.amount_cents, intent.amount_cents, intent.currency) == (349, 349, "USD")
    assert paying.settle_payment(payment, now=now).status == "open"
    pay(stripe, intent)

    paying.settle_payment(payment, now=now)

    order = Order.objects.get()
    assert (payment.status, payment.order) == ("paid", order)
    assert (order.item_cents, order.shipping_cents, order.credit_cents, order.paid_cents) == (2000, 599, 2250, 349)
    assert not Reservation.objects.exists() and left(short) == 0
    assert "$3.49" in render_mail(Mail.objects.get(kind="order_confirmed")).text


def test_beginning_again_is_the_same_payment_until_the_sum_changes(short, now):
    first, intent = begin(short, now)
    assert begin(short, now)[0] == first

    seattle = dataclasses.replace(make.PORTLAND, city="Seattle", region="WA", postal_code="98101")
    second = paying.begin_payment(held_by(short, now, seattle), now=now)

    assert (second.amount_cents, OrderPayment.objects.get(pk=first.pk).status) == (537, "ended")
    assert stripe_api.ask_for(intent.id).status == "canceled"


def test_a_card_that_is_declined_costs_nothing_and_another_may_be_tried(stripe, short, now):
    payment, intent = begin(short, now)

    with pytest.raises(urllib.error.HTTPError):
        pay(stripe, intent, DECLINED)
    assert paying.settle_payment(payment, now=now).status == "open"
    pay(stripe, intent, GOOD)
    paying.settle_payment(payment, now=now)

    assert payment.status == "paid"


def test_whoever_pays_and_leaves_gets_the_order_by_the_sweep(stripe, short, now):
    payment, intent = begin(short, now)
    pay(stripe, intent)

    assert paying.sweep_payments(now=now) == 0, "the browser may still be at it"
    for minutes in (1, 2):
        paying.sweep_payments(now=now + dt.timedelta(minutes=minutes))

    payment.refresh_from_db()
    assert (payment.status, Order.objects.get().paid_cents) == ("paid", 349)


def test_whoever_leaves_without_paying_gives_the_unit_back(short, now):
    payment, intent = begin(short, now)

    release_lapsed(now=now + dt.timedelta(minutes=19, seconds=59))
    assert left(short) == 0, "it is held while it is being paid for"
    paying.sweep_payments(now=now + paying.PAY_WITHIN)
    release_lapsed(now=now + paying.PAY_WITHIN)

    payment.refresh_from_db()
    assert (payment.status, left(short)) == ("ended", 1)
    assert stripe_api.ask_for(intent.id).status == "canceled"


def test_an_answer_that_is_lost_is_asked_about_and_nothing_is_paid_twice(stripe, short, now, monkeypatch):
    payment, intent = begin(short, now)
    pay(stripe, intent)

    def lost(_intent_id):
        raise stripe_api.Unanswered("the line went dead")

    monkeypatch.setattr(stripe_api, "ask_for", lost)
    with pytest.raises(RuleViolation, match="does not answer"):
        paying.settle_payment(payment, now=now)
    paying.sweep_payments(now=now + paying.PAY_WITHIN)
    payment.refresh_from_db()
    assert (payment.status, Order.objects.count(), left(short)) == ("open", 0, 0)
    monkeypatch.undo()

    paying.sweep_payments(now=now + paying.PAY_WITHIN)

    payment.refresh_from_db()
    assert (payment.status, OrderPayment.objects.count(), Order.objects.count()) == ("paid", 1, 1)


def test_a_payment_whose_number_was_lost_is_begun_again_under_the_same_key(short, now, monkeypatch):
    begin_intent, keys = stripe_api.begin_intent, []

    def lost_once(**fields):
        keys.append(fields["reference"])
        made = begin_intent(**fields)
        if len(keys) == 1:
            raise stripe_api.Unanswered("the line went dead")
        return made

    monkeypatch.setattr(stripe_api, "begin_intent", lost_once)
    with pytest.raises(RuleViolation, match="does not answer"):
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

    paying.settle_payment(OrderPayment.objects.get(), now=at)
    for _time in range(2):
        paying.sweep_payments(now=at)

    payment.refresh_from_db()
    assert (payment.status, refunds_of(intent.id), Order.objects.count()) == ("refunded", [349], 0)
    told = render_mail(Mail.objects.get(kind="payment_returned"))
    assert "$3.49" in told.text and payment.why in told.text


def test_a_payment_that_came_through_while_something_else_was_chosen_is_the_order(stripe, customer, now):
    first, second = make.product(2000, stock_units=1), make.product(2000)
    reward = make.reward(make.campaign(products=[first, second], cpa_cents=2250), claimed_by=customer)
    held = reserve_unit(reward, customer=customer, product=first, address=make.PORTLAND, now=now)
    pay(stripe, paying.intent_of(paying.begin_payment(held, now=now)))

    with pytest.raises(RuleViolation, match="is paid, so it is ordered"):
        paying.leave_payment(reward, product=second, size=None, now=now)

    assert Order.objects.get().product == first


def test_choosing_something_else_ends_a_payment_that_was_begun(stripe, customer, now):
    first, second = make.product(2000, stock_units=1), make.product(2000)
    reward = make.reward(make.campaign(products=[first, second], cpa_cents=2250), claimed_by=customer)
    held = reserve_unit(reward, customer=customer, product=first, address=make.PORTLAND, now=now)
    payment = paying.begin_payment(held, now=now)
    with pytest.raises(RuleViolation, match="is being paid for"):
        reserve_unit(reward, customer=customer, product=second, address=make.PORTLAND, now=now)

    paying.leave_payment(reward, product=second, size=None, now=now)
    reserve_unit(reward, customer=customer, product=second, address=make.PORTLAND, now=now)

    payment.refresh_from_db()
    assert (payment.status, Product.objects.get(pk=first.pk).stock) == ("ended", 1)
    with pytest.raises(urllib.error.HTTPError):
        pay(stripe, stripe_api.ask_for(payment.intent_id))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_browser_and_the_sweep_at_once_place_one_order(stripe, short, now):
    payment, intent = begin(short, now)
    pay(stripe, intent)

    def settle(_number: int) -> str:
        return paying.settle_payment(paying.payment_of(short) or payment, now=now).status

    rush(8, settle)

    payment.refresh_from_db()
    assert (payment.status, Order.objects.count(), refunds_of(intent.id)) == ("paid", 1, [])
    assert not Mail.objects.filter(kind="payment_returned").exists()


# Pages


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


def test_without_keys_of_stripe_the_page_says_that_nothing_can_be_paid(short, client, settings, now):
    settings.STRIPE_SECRET_KEY = ""
    client.force_login(short.customer)
    item = f"{open_page(client, short)}items/{short.group.choices.get().product_id}/"
    client.post(f"{item}address/", PORTLAND_FORM)

    page = client.post(f"{item}review/", follow=True)

    assert "The rest cannot be paid here" in page.text
    assert not OrderPayment.objects.exists() and not Order.objects.exists()


def test_a_provider_that_is_gone_is_told_kindly(short, client, settings, now):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    client.force_login(short.customer)
    item = f"{open_page(client, short)}items/{short.group.choices.get().product_id}/"
    client.post(f"{item}address/", PORTLAND_FORM)

    page = client.post(f"{item}review/", follow=True)

    assert "does not answer" in page.text
    assert not Order.objects.exists()
