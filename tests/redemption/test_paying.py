"""What exceeds the credit, paid against a Stripe of our own on this machine."""

import json
import urllib.request

import pytest
from django.db import IntegrityError, transaction

from campaigns.payments import stripe_api
from redemption import handling, paying
from redemption.models import Order, OrderPayment
from tests import make
from tests.harness.stripe_server import stripe_server

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


def test_an_order_that_cost_nothing_has_nothing_to_refund(reward, customer, now):
    order = make.order(reward, by=customer)

    assert paying.refund_payment(order, why="Lost.", now=now) is None
