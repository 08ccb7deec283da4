"""Amazon gift codes: signed, created once whatever is lost, taken back."""

import datetime as dt
import json
import secrets

import pytest
from django.urls import reverse

from catalog.models import Product
from moments.errors import RuleViolation
from moments.integrations.aws_signature import signed_headers
from moments.integrations.outcomes import Declined, OutcomeUnknown
from redemption.models import FulfillmentRequest, OrderEvent
from redemption.orders.digital_content import content_of
from redemption.orders.provider_requests import ask_again
from redemption.providers import dispatch, gift_codes
from redemption.providers.gift_codes import GiftCodes
from redemption.providers.registry import PROVIDERS
from tests import make
from tests.redemption.providers.provider import KEY, json_answer, ordered, state

MINUTE = dt.timedelta(minutes=1)
PUBLISHED = {"access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
FORM, JSON = {"Content-Type": "application/x-www-form-urlencoded"}, {"Content-Type": "application/json"}
UNICODE = '{"message": "Für Zoë, 日本 🎁"}'


@pytest.fixture
def gift(amazon, customer):
    return ordered(customer, provider="gift_codes")


# Signatures


AT = dt.datetime(2015, 8, 30, 12, 36, tzinfo=dt.UTC)
AS_BOTOCORE_SIGNS = [
    ("GET", "", {}, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("GET", "/?", {}, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("POST", "/", {}, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ("POST", "/", FORM, "Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    ("POST", "/", {"My-Header1": "value1"}, "", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
    ("GET", "/", {"My-Header1": " a   b   c "}, "", "6ff6bc3cebca8811504dc903f3a072c310d9f48f8ee5c0b08115052209439e1b"),
    ("POST", "/", JSON, UNICODE, "649b79540d6dfca5a7a48add76d0654ad4bc363ba23a45dcb0e2f5e17c26fcda"),
]


@pytest.mark.parametrize(("method", "path", "headers", "body", "signature"), AS_BOTOCORE_SIGNS)
def test_requests_are_signed_as_amazons_own_library_signs_them(method, path, headers, body, signature):
    """Signatures by ``botocore.auth.SigV4Auth`` of botocore 1.44.8, its clock stopped at ``AT``."""
    url, all_headers = f"https://example.amazonaws.com{path}", {"Host": "example.amazonaws.com", **headers}

    signed = signed_headers(
        method, url, headers=all_headers, body=body, region="us-east-1", service="service", at=AT, **PUBLISHED
    )

    assert signed["Authorization"].endswith(f"Signature={signature}")
    assert signed["X-Amz-Date"] == "20150830T123600Z"


def test_our_calls_are_signed_as_amazons_own_library_signs_them(gift, monkeypatch, settings):
    """Signatures by botocore 1.44.8 of the same two requests, at ``AT``."""
    settings.AMAZON_GIFT_CODES_URL, settings.AMAZON_PARTNER_ID = "https://agcod-v2-gamma.amazon.com", "Awssb"
    settings.AMAZON_SECRET_KEY, settings.AMAZON_REGION = PUBLISHED["secret_key"], "us-east-1"
    sent = []

    def keep(_method, _url, *, headers, body):
        sent.append((body, headers["Authorization"]))
        raise OutcomeUnknown("Kept.")

    monkeypatch.setattr(gift_codes, "signed_headers", lambda *which, **how: signed_headers(*which, **{**how, "at": AT}))
    monkeypatch.setattr(gift_codes, "call_json", keep)
    gift.request_id, gift.order.item_cents = "7K3F-9QXD-M2PA", 2750

    for call in (lambda: GiftCodes().place(gift), GiftCodes().funds):
        with pytest.raises(OutcomeUnknown):
            call()

    names = "accept;content-type;host;x-amz-date;x-amz-target"
    scope = (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/AGCODService/aws4_request, SignedHeaders={names}"
    )
    card = '"creationRequestId": "Awssb7K3F9QXDM2PA", "partnerId": "Awssb"'
    assert sent == [
        (
            f'{{{card}, "value": {{"currencyCode": "USD", "amount": 27.50}}}}',
            f"{scope}, Signature=955733a1400b42ec80e4dde66c4d0388d47b83016ba32674c2367b2360a3d5fd",
        ),
        (
            '{"partnerId": "Awssb"}',
            f"{scope}, Signature=0ac9f3a7c17b474f0cb689027ea62892f498228ef291182253e41bcf87b82858",
        ),
    ]


@pytest.mark.parametrize("path", ["/?b=2&a=1", "/?a=x%20y", "/a%20b", "/a//b", "/a/../b", "/ü"])
def test_what_is_signed_by_other_rules_is_refused_and_not_signed_wrongly(path):
    with pytest.raises(Declined):
        signed_headers(
            "GET",
            f"https://example.amazonaws.com{path}",
            **{"headers": {"Host": "example.amazonaws.com"}, "body": "", "at": AT, **PUBLISHED},
            **{"region": "us-east-1", "service": "service"},
        )


def test_a_call_is_signed_over_what_is_sent_and_the_secret_stays_here(amazon, gift, now):
    dispatch.send_request(gift.pk, now=now)

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
    assert dispatch.send_request(gift.pk, now=now)

    assert state(gift) == ("accepted", "shipped")
    assert content_of(gift.order) == "0001-GIFTS1-ABCD" and gift.provider_reference == "A1GCN9BRX5QS76"
    assert "GIFTS1" not in gift.order.encrypted_content
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

    while not dispatch.send_request(gift.pk, now=at):
        assert state(gift) == ("unknown", "placed")
        at = gift.due_at

    assert state(gift) == ("accepted", "shipped")
    assert len(amazon.orders) == 1 and amazon.count("POST") == answers_lost + 1
    assert content_of(gift.order) == "0001-GIFTS1-ABCD"


def test_control_under_a_new_id_every_time_there_are_two_cards(amazon, gift, now, monkeypatch, numbers):
    monkeypatch.setattr(gift_codes, "creation_id", lambda request: f"Spoke{secrets.token_hex(6)}")
    amazon.placing = lambda card: []

    for minutes in (0, 1):
        dispatch.send_request(gift.pk, now=now + minutes * MINUTE)

    assert len(amazon.orders) == 2
    numbers("control: gift code under new ids", lost_answers=2, cards_there=2)


def test_dropped_before_it_was_read_is_created_under_the_same_id(amazon, gift, now):
    amazon.hangs_up = True
    dispatch.send_request(gift.pk, now=now)
    amazon.hangs_up = False

    assert dispatch.sweep_fulfillment(now=now + MINUTE) == 1

    assert state(gift) == ("accepted", "shipped") and len(amazon.orders) == 1


@pytest.mark.parametrize("missing", ["AMAZON_PARTNER_ID", "AMAZON_ACCESS_KEY", "AMAZON_SECRET_KEY"])
def test_without_its_keys_it_waits_unharmed(amazon, gift, now, settings, missing):
    setattr(settings, missing, "")

    assert not dispatch.send_request(gift.pk, now=now)

    assert state(gift) == ("queued", "placed")
    assert gift.last_error == f"{missing} is not set." and amazon.calls == []


def test_yen_have_no_cents(amazon, gift, now):
    type(gift.order).objects.filter(pk=gift.order_id).update(currency="JPY", item_cents=2500)

    assert dispatch.send_request(gift.pk, now=now)

    assert json.loads(amazon.calls[0][3])["value"] == {"currencyCode": "JPY", "amount": 2500}


# In operators' hands


def stopped(amazon, gift, now) -> None:
    """The card is there, its answer was no good."""
    amazon.placing = lambda card: json_answer({**card, "gcClaimCode": None})
    dispatch.send_request(gift.pk, now=now)
    amazon.placing = None
    assert state(gift) == ("needs_attention", "placed") and len(amazon.orders) == 1


PAGE = "admin:redemption_fulfillmentrequest_changelist"


def test_an_operator_takes_back_what_went_wrong_and_the_order_is_free(client, amazon, gift, now):
    stopped(amazon, gift, now)
    client.force_login(make.operator())

    client.post(reverse(PAGE), {"action": "take_back", "_selected_action": [gift.pk]})

    assert amazon.orders[0]["cardInfo"]["cardStatus"] == "RefundedToPurchaser"
    assert state(gift) == ("canceled", "placed")
    assert gift.order.history.get(event=OrderEvent.TAKEN_BACK).actor is not None


def test_what_it_will_not_take_back_stays_as_it_was(client, amazon, stub, gift, now):
    stopped(amazon, gift, now)
    amazon.orders.clear()
    other = ordered(provider="tremendous")
    FulfillmentRequest.objects.filter(pk=other.pk).update(status="needs_attention")
    client.force_login(make.operator())

    answer = client.post(reverse(PAGE), {"action": "take_back", "_selected_action": [gift.pk, other.pk]}, follow=True)

    assert state(gift)[0] == state(other)[0] == "needs_attention"
    assert "RequestIdNotFound" in answer.text and "Tremendous" in answer.text


def test_what_is_on_its_way_is_not_taken_back(client, amazon, gift, now):
    dispatch.send_request(gift.pk, now=now)
    client.force_login(make.operator())

    client.post(reverse(PAGE), {"action": "take_back", "_selected_action": [gift.pk]})

    assert state(gift) == ("accepted", "shipped") and len(amazon.calls) == 1


def test_what_was_given_out_since_the_list_was_read_is_not_canceled_at_the_provider(amazon, gift, now):
    stopped(amazon, gift, now)
    listed = FulfillmentRequest.objects.get(pk=gift.pk)
    amazon.placing = None
    ask_again(gift, now=now)
    assert dispatch.send_request(gift.pk, now=now)

    with pytest.raises(RuleViolation, match="Only what needs attention"):
        dispatch.take_back(listed, by=make.operator(), now=now)

    assert state(gift) == ("accepted", "shipped")
    assert amazon.orders[0]["cardInfo"]["cardStatus"] == "Fulfilled"


def test_operators_see_what_is_left_on_the_account(client, amazon, db):
    client.force_login(make.operator())
    page = reverse("admin:redemption_fulfillmentrequest_funds")

    assert "$1,234.50" in client.post(page, follow=True).text
    amazon.hangs_up = True
    assert "There was no answer: The connection broke" in client.post(page, follow=True).text
    assert client.get(page).status_code == 405


def test_every_provider_that_a_product_can_name_is_there_but_the_people():
    assert set(Product.Fulfillment.values) == {*PROVIDERS, "warehouse"}
