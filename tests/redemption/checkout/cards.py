"""A customer who pays what exceeds the credit, at a Stripe of our own on this machine."""

import json
import urllib.error
import urllib.request

from catalog.models import Product
from moments.integrations import stripe
from redemption.checkout import payments
from redemption.checkout.reservations import reserve_unit
from redemption.models import OrderPayment
from tests import make

GOOD, DECLINED = "4242424242424242", "4000000000000341"


def pay(base: str, intent: stripe.Intent, number: str = GOOD) -> dict:
    """As Stripe's field in the browser does it, with the publishable key alone."""
    card = {"number": number, "exp_month": "4", "exp_year": "2031", "cvc": "123"}
    body = {"key": "pk_test_moments", "client_secret": intent.secret}
    body |= {"payment_method_data": {"type": "card", "card": card}}
    url = f"{base}/v1/payment_intents/{intent.id}/_authenticate/pay"
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()), timeout=10) as answer:
        return json.load(answer)


def refunds_of(intent_id: str) -> list[int]:
    client = stripe._client("sk_test_moments", stripe.settings.STRIPE_API_BASE)
    return [refund.amount for refund in client.v1.refunds.list({"payment_intent": intent_id}).data]


def held_by(reward, now, address=make.PORTLAND):
    product = reward.group.choices.get().product
    return reserve_unit(reward, customer=reward.customer, product=product, address=address, now=now)


def begin(reward, now) -> tuple[OrderPayment, stripe.Intent]:
    payment = payments.begin_payment(held_by(reward, now), now=now)
    return payment, payments.intent_of(payment, now=now)


def left(reward) -> int:
    return Product.objects.get(pk=reward.group.choices.get().product_id).stock
