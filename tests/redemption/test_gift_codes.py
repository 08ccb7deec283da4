"""Amazon gift codes: signed, created once whatever is lost, taken back."""

import datetime as dt
import json
import secrets

import pytest
from django.urls import reverse

from catalog.models import Product
from redemption.contents import content_of
from redemption.fulfilment import gift_codes, services
from redemption.fulfilment.aws_signature import signed_headers
from redemption.fulfilment.registry import PROVIDERS
from redemption.models import FulfilmentRequest
from tests import make
from tests.redemption.provider import KEY, json_answer, ordered, state

MINUTE = dt.timedelta(minutes=1)
PUBLISHED = {"access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "body": ""}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def gift(amazon, customer):
    return ordered(customer, provider="gift_codes")


# Signatures


@pytest.mark.parametrize(
    ("method", "headers", "body", "signature"),
    [
        ("GET", {}, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", {}, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("POST", FORM, "Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
        ("POST", {"My-Header1": "value1"}, "", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
    ],
)
def test_requests_are_signed_as_amazons_own_test_suite_has_it(method, headers, body, signature):
    """get-vanilla, post-vanilla, post-x-www-form-urlencoded and post-header-key-sort of aws-sig-v4-test-suite."""
    at = dt.datetime(2015, 8, 30, 12, 36, tzinfo=dt.UTC)
    known = {**PUBLISHED, "body": body, "region": "us-east-1", "service": "service", "at": at}

    signed = signed_headers(
        method, "https://example.amazonaws.com/", headers={"Host": "example.amazonaws.com", **headers}, **known
    )

    assert signed["Authorization"].endswith(f"Signature={signature}")
    assert signed["X-Amz-Date"] == "20150830T123600Z"


def test_a_call_is_signed_over_what_is_sent_and_the_secret_stays_here(amazon, gift, now):
    services.send_request(gift.pk, now=now)

    ((method, path, headers, body),) = amazon.calls
    sent = {name.lower(): value for name, value in headers.items()}
    at = dt.datetime.strptime(sent["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    named = ("host", "accept", "content-type", "x-amz-target")
    again = signed_headers(
        method,
        amazon.url + path,
        headers={name: sent[name] for name in named},
        **{"body": body, "access_key": "AKIDEXAMPLE", "secret_key": KEY},
        **{"region": "us-east-1", "service": "AGCODService", "at": at},
    )
    assert sent["authorization"] == again["Authorization"]
    assert sent["host"] == amazon.url.removeprefix("http://")
    assert sent["x-amz-target"] == "com.amazonaws.agcod.AGCODService.CreateGiftCard"
    assert KEY not in json.dumps(amazon.calls)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://agcod-v2.amazon.com/CreateGiftCard", "agcod-v2.amazon.com"),
        ("https://agcod-v2.amazon.com:443/", "agcod-v2.amazon.com"),
        ("http://localhost:8443/", "localhost:8443"),
    ],
)
def test_the_host_that_is_signed_is_the_one_that_is_sent(url, host):
    assert gift_codes._host(url) == host


# One order, one card


def test_the_code_is_the_customers_and_nothing_of_theirs_goes_along(client, amazon, gift, now, customer):
    assert services.send_request(gift.pk, now=now)

    assert state(gift) == ("accepted", "shipped")
    assert content_of(gift.order) == "0001-GIFTS1-ABCD" and gift.provider_reference == "A1GCN9BRX5QS76"
    assert "GIFTS1" not in gift.order.sealed_content
    body = json.loads(amazon.calls[0][3])
    number = gift.order.number.replace("-", "")
    assert body == {
        "creationRequestId": f"Spoke{number}",
        "partnerId": "Spoke",
        "value": {"currencyCode": "USD", "amount": 25.0},
    }
    client.force_login(customer)
    assert "0001-GIFTS1-ABCD" in client.get(reverse("redemption:order", args=[gift.order.number])).text


@pytest.mark.parametrize("answers_lost", [1, 2, 3])
def test_a_lost_answer_is_made_good_by_the_same_card(amazon, gift, now, answers_lost):
    lost = iter(range(answers_lost))
    amazon.placing = lambda card: [] if next(lost, None) is not None else json_answer(card)
    at = now

    while not services.send_request(gift.pk, now=at):
        assert state(gift) == ("unknown", "placed")
        at = gift.due_at

    assert state(gift) == ("accepted", "shipped")
    assert len(amazon.orders) == 1 and amazon.count("POST") == answers_lost + 1
    assert content_of(gift.order) == "0001-GIFTS1-ABCD"


def test_control_under_a_new_id_every_time_there_are_two_cards(amazon, gift, now, monkeypatch, numbers):
    monkeypatch.setattr(gift_codes, "creation_id", lambda request: f"Spoke{secrets.token_hex(6)}")
    amazon.placing = lambda card: []

    for minutes in (0, 1):
        services.send_request(gift.pk, now=now + minutes * MINUTE)

    assert len(amazon.orders) == 2
    numbers("control: gift code under new ids", lost_answers=2, cards_there=2)


def test_dropped_before_it_was_read_is_created_under_the_same_id(amazon, gift, now):
    amazon.hangs_up = True
    services.send_request(gift.pk, now=now)
    amazon.hangs_up = False

    assert services.sweep_fulfilment(now=now + MINUTE) == 1

    assert state(gift) == ("accepted", "shipped") and len(amazon.orders) == 1


@pytest.mark.parametrize("missing", ["AMAZON_PARTNER_ID", "AMAZON_ACCESS_KEY", "AMAZON_SECRET_KEY"])
def test_without_its_keys_it_waits_unharmed(amazon, gift, now, settings, missing):
    setattr(settings, missing, "")

    assert not services.send_request(gift.pk, now=now)

    assert state(gift) == ("queued", "placed")
    assert gift.last_error == f"{missing} is not set." and amazon.calls == []


def test_yen_have_no_cents(amazon, gift, now):
    type(gift.order).objects.filter(pk=gift.order_id).update(currency="JPY", item_cents=2500)

    assert services.send_request(gift.pk, now=now)

    assert json.loads(amazon.calls[0][3])["value"] == {"currencyCode": "JPY", "amount": 2500}


# In operators' hands


def stopped(amazon, gift, now) -> None:
    """The card is there, its answer was no good."""
    amazon.placing = lambda card: json_answer({**card, "gcClaimCode": None})
    services.send_request(gift.pk, now=now)
    amazon.placing = None
    assert state(gift) == ("needs_attention", "placed") and len(amazon.orders) == 1


PAGE = "admin:redemption_fulfilmentrequest_changelist"


def test_an_operator_takes_back_what_went_wrong_and_the_order_is_free(client, amazon, gift, now):
    stopped(amazon, gift, now)
    client.force_login(make.operator())

    client.post(reverse(PAGE), {"action": "take_back", "_selected_action": [gift.pk]})

    assert amazon.orders[0]["cardInfo"]["cardStatus"] == "RefundedToPurchaser"
    assert state(gift) == ("cancelled", "placed")
    assert gift.order.history.get(what="taken back").by is not None


def test_what_it_will_not_take_back_stays_as_it_was(client, amazon, stub, gift, now):
    stopped(amazon, gift, now)
    amazon.orders.clear()
    other = ordered(provider="tremendous")
    FulfilmentRequest.objects.filter(pk=other.pk).update(status="needs_attention")
    client.force_login(make.operator())

    answer = client.post(reverse(PAGE), {"action": "take_back", "_selected_action": [gift.pk, other.pk]}, follow=True)

    assert state(gift)[0] == state(other)[0] == "needs_attention"
    assert "RequestIdNotFound" in answer.text and "Tremendous" in answer.text


def test_what_is_on_its_way_is_not_taken_back(client, amazon, gift, now):
    services.send_request(gift.pk, now=now)
    client.force_login(make.operator())

    client.post(reverse(PAGE), {"action": "take_back", "_selected_action": [gift.pk]})

    assert state(gift) == ("accepted", "shipped") and len(amazon.calls) == 1


def test_operators_see_what_is_left_on_the_account(client, amazon, db):
    client.force_login(make.operator())
    page = reverse("admin:redemption_fulfilmentrequest_funds")

    assert "$1,234.50" in client.post(page, follow=True).text
    amazon.hangs_up = True
    assert "There was no answer: The connection broke" in client.post(page, follow=True).text
    assert client.get(page).status_code == 405


def test_every_provider_that_a_product_can_name_is_there_but_the_people():
    assert set(Product.Fulfilment.values) == {*PROVIDERS, "warehouse"}
