"""A provider that Moments is pointed at, and an order that it is to fulfil."""

import pytest

from redemption.fulfilment.services import breakers
from tests.redemption.provider import KEY, Stub, ordered


@pytest.fixture
def stub(settings):
    provider = Stub()
    settings.TREMENDOUS_API_KEY = KEY
    settings.TREMENDOUS_BASE_URL = provider.url
    settings.TREMENDOUS_PRODUCTS = ["OKMHM2X2OHYV"]
    breakers["tremendous"].close()
    yield provider
    provider.end()


@pytest.fixture
def request_(stub, customer):
    return ordered(customer)
