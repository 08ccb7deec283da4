"""A provider that cannot be called: refused at the product, an alarm where orders wait for it."""

import pytest
from django.urls import reverse

from catalog.models import Product
from operations.alarms import alarms
from redemption.models import FulfillmentRequest
from tests import make
from tests.catalog.test_substitutes import typed

PROVIDERS = pytest.mark.parametrize(
    ("provider", "setting"), [("gift_codes", "AMAZON_PARTNER_ID"), ("tremendous", "TREMENDOUS_API_KEY")]
)


@pytest.fixture(autouse=True)
def without_keys(settings):
    settings.AMAZON_PARTNER_ID = settings.AMAZON_ACCESS_KEY = settings.AMAZON_SECRET_KEY = ""
    settings.TREMENDOUS_API_KEY = ""


def save(client, product, **fields):
    form = {**typed(product, product), "equals-TOTAL_FORMS": 0}
    return client.post(reverse("admin:catalog_product_change", args=[product.pk]), {**form, **fields}, follow=True)


@PROVIDERS
def test_a_provider_without_keys_is_refused_at_the_product(client, operator, provider, setting):
    product = make.product(kind="digital")

    answer = save(client, product, fulfillment=provider)

    assert "This provider cannot be called" in answer.text and setting in answer.text
    assert Product.objects.get().fulfillment == "warehouse"


@PROVIDERS
def test_a_product_that_has_a_provider_without_keys_can_be_saved_with_a_warning(client, operator, provider, setting):
    product = make.product(kind="digital", fulfillment=provider)

    answer = save(client, product, fulfillment=provider, title="Renamed")

    assert Product.objects.get().title == "Renamed"
    assert "its provider cannot be called" in answer.text and setting in answer.text


def test_a_provider_with_keys_is_chosen_without_a_warning(client, operator, settings):
    settings.TREMENDOUS_API_KEY = "TEST_key"
    product = make.product(kind="digital")

    answer = save(client, product, fulfillment="tremendous")

    assert Product.objects.get().fulfillment == "tremendous"
    assert "cannot be called" not in answer.text


def test_an_order_that_reaches_a_provider_without_keys_is_an_alarm_at_once(request_, now, settings):
    settings.TREMENDOUS_API_KEY = ""
    assert "provider_without_keys" in {alarm.code for alarm in alarms(now=now)}

    settings.TREMENDOUS_API_KEY = "TEST_key"
    assert "provider_without_keys" not in {alarm.code for alarm in alarms(now=now)}
    settings.TREMENDOUS_API_KEY = ""
    FulfillmentRequest.objects.update(status="canceled")
    assert "provider_without_keys" not in {alarm.code for alarm in alarms(now=now)}
