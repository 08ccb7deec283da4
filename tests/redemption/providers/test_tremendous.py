"""Tremendous: an order is believed if it is this order, of this amount, with one link to pass on."""

import copy
from decimal import Decimal

import pytest

from moments.integrations.outcomes import Declined, InvalidProviderResponse, Pending
from redemption.models import FulfillmentRequest
from redemption.providers.base import Accepted
from redemption.providers.tremendous import Tremendous, order_for, read_order, reason_in
from tests.redemption.providers.provider import KEY


@pytest.fixture
def honest(request_) -> dict:
    """What it answers to the order, as it should."""
    reward = {
        "id": "REWARD1",
        "value": {"denomination": Decimal("25.00"), "currency_code": "USD"},
        "delivery": {"method": "LINK", "link": "https://gifts.example/1", "status": "SUCCEEDED"},
    }
    return {"id": "ORDER1", "external_id": request_.request_id, "status": "EXECUTED", "rewards": [reward]}


def changed(order: dict, path: str, value) -> dict:
    found = copy.deepcopy(order)
    *steps, last = path.split(".")
    place = found
    for step in steps:
        place = place[int(step)] if step.isdigit() else place[step]
    place[last] = value
    return found


def untouched(request_) -> tuple:
    row = FulfillmentRequest.objects.get(pk=request_.pk)
    return row.status, row.attempts, row.provider_reference, row.order.status, row.order.encrypted_content


def test_an_order_that_is_what_was_asked_for_is_accepted(request_, honest):
    found = read_order(honest, request_)

    assert found == Accepted("ORDER1", "https://gifts.example/1")
    assert "gifts.example" not in repr(found)


def test_it_is_told_the_amount_the_products_and_the_name_alone(request_, settings):
    asked = order_for(request_)

    assert asked["external_id"] == request_.request_id
    assert asked["reward"]["value"] == {"denomination": Decimal("25.00"), "currency_code": "USD"}
    assert asked["reward"]["recipient"] == {"name": request_.order.recipient}
    assert asked["reward"]["products"] == ["OKMHM2X2OHYV"]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("id", "a b", "nothing that can be kept"),
        ("external_id", "ANOTHER", "another order"),
        ("status", "FAILED", "failed or was canceled"),
        ("status", "canceled", "failed or was canceled"),
        ("rewards", [], "0 rewards"),
        ("rewards.0.value.currency_code", "EUR", "another currency"),
        ("rewards.0.value.denomination", Decimal("25.01"), "another amount"),
        ("rewards.0.value.denomination", True, "missing"),
        ("rewards.0.delivery.method", "EMAIL", "not deliver by link"),
        ("rewards.0.delivery.status", "FAILED", "not deliver by link"),
        ("rewards.0.delivery.link", "http://gifts.example/1", "no link that can be passed on"),
        ("rewards.0.delivery.link", "javascript:alert(1)", "no link that can be passed on"),
        ("rewards.0.delivery.link", "https://gifts.example/ä", "no link that can be passed on"),
        ("rewards.0.delivery.link", None, "missing"),
    ],
)
def test_an_order_of_anything_else_is_nonsense_and_changes_nothing(request_, honest, path, value, words):
    before = untouched(request_)

    with pytest.raises(InvalidProviderResponse, match=words):
        read_order(changed(honest, path, value), request_)

    assert untouched(request_) == before


@pytest.mark.parametrize("status", ["CART", "pending approval", "PENDING INTERNAL PAYMENT APPROVAL"])
def test_an_order_that_waits_for_an_approval_is_not_there_yet(request_, honest, status):
    with pytest.raises(Pending, match="waits for an approval"):
        read_order(changed(honest, "status", status), request_)


def test_placed_twice_it_is_found_again_where_the_provider_knows_the_number(stub, request_):
    stub.knows_numbers = True

    first, again = Tremendous().place(request_), Tremendous().place(request_)

    assert first == again and len(stub.orders) == 1


def test_what_was_never_placed_is_not_found(stub, request_):
    assert Tremendous().find(request_) is None


def test_a_link_that_the_list_does_not_show_is_asked_for(stub, request_):
    Tremendous().place(request_)
    stub.lists_links = False

    found = Tremendous().find(request_)

    assert found.content.startswith("https://gifts.example/new/") and len(stub.orders) == 1


def test_nothing_is_taken_back_by_a_call(stub, request_):
    with pytest.raises(Declined, match="dashboard"):
        Tremendous().take_back(request_)

    assert stub.calls == []


def test_without_a_key_it_says_which_setting_is_missing(settings):
    settings.TREMENDOUS_API_KEY = ""
    assert Tremendous().what_is_missing() == "TREMENDOUS_API_KEY is not set."

    settings.TREMENDOUS_API_KEY = KEY
    assert Tremendous().what_is_missing() == ""


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"errors": {"message": "Insufficient funds"}}, "Insufficient funds"),
        ({"errors": ["x"]}, ""),
        ({"errors": {"message": 7}}, ""),
        ("<html>", ""),
        (None, ""),
    ],
)
def test_the_reason_of_a_refusal_is_read_where_there_is_one(document, expected):
    assert reason_in(document) == expected
