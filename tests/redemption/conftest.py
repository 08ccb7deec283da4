"""A provider that Moments is pointed at, and an order that it is to fulfil."""

import pytest

from redemption.fulfilment.services import breakers
from tests.redemption.provider import KEY, AmazonStub, TremendousStub, gift_campaign, ordered


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
