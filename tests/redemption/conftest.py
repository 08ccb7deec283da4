"""Providers that Moments is pointed at, orders and payments under way, and a customer of whom all is known."""

import pytest

from moments.integrations import stripe as stripe_api
from redemption.models import Order, OrderPayment
from redemption.providers.dispatch import breakers
from tests import make
from tests.redemption.checkout.cards import pay
from tests.redemption.privacy.customer_lifecycles import full_life
from tests.redemption.providers.provider import KEY, AmazonStub, TremendousStub, gift_campaign, ordered


@pytest.fixture
def stub(settings):
    provider = TremendousStub()
    settings.TREMENDOUS_API_KEY = KEY
    settings.TREMENDOUS_BASE_URL = provider.url
    settings.TREMENDOUS_PRODUCTS = ["OKMHM2X2OHYV"]
    breakers["tremendous"].close()
    yield provider
    provider.end()


@pytest.fixture
def request_(stub, customer):
    return ordered(customer)


@pytest.fixture
def amazon(settings):
    provider = AmazonStub()
    settings.AMAZON_PARTNER_ID, settings.AMAZON_ACCESS_KEY, settings.AMAZON_SECRET_KEY = "Spoke", "AKIDEXAMPLE", KEY
    settings.AMAZON_GIFT_CODES_URL = provider.url
    breakers["gift_codes"].close()
    yield provider
    provider.end()


@pytest.fixture(params=["tremendous", "gift_codes"])
def any_stub(request):
    """Each provider in turn."""
    return request.getfixturevalue({"tremendous": "stub", "gift_codes": "amazon"}[request.param])


@pytest.fixture
def campaign_of_gifts(any_stub, db):
    return gift_campaign(any_stub.provider)


@pytest.fixture
def order(reward, customer):
    return make.order(reward, by=customer)


@pytest.fixture
def operator(client, db):
    made = make.operator()
    client.force_login(made)
    return made


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


@pytest.fixture
def short(stripe, customer):
    """A reward whose credit is $3.49 short of its item in Oregon: $20.00, $5.99 of shipping."""
    product = make.product(2000, stock_units=1)
    return make.reward(make.campaign(products=[product], cpa_cents=2250), claimed_by=customer)


@pytest.fixture
def kim(db):
    return make.user("kim.zaphod@example.com", name="Kim Zaphod")


@pytest.fixture
def life(kim, campaign, now):
    return full_life(kim, campaign, now)
