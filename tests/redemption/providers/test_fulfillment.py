"""Orders that a provider fulfills: once, whatever it answers or does not answer."""

import datetime as dt
import json
import time
from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from catalog.models import Product
from moments import clock
from moments.celery import app
from moments.integrations.circuit_breaker import CircuitBreaker
from outbox.models import Mail
from redemption.models import FulfillmentRequest, OrderEvent
from redemption.orders import provider_requests
from redemption.orders.digital_content import content_of
from redemption.providers import dispatch
from redemption.providers.dispatch import breakers
from tests import make
from tests.races.crowd import rush
from tests.redemption.providers.malformed_answers import nasty_answers
from tests.redemption.providers.provider import KEY, json_answer, ordered, state

MINUTE = dt.timedelta(minutes=1)


# The way it should go


def test_an_order_is_accepted_and_its_link_is_the_customers(stub, request_, now):
    assert dispatch.send_request(request_.pk, now=now)

    assert state(request_) == ("accepted", "shipped")
    assert content_of(request_.order) == "https://gifts.example/1"
    assert (request_.provider_reference, request_.accepted_at, request_.last_error) == ("ORDER1", now, "")
    assert Mail.objects.filter(kind="order_shipped").count() == 1
    assert request_.order.history.get(event=OrderEvent.SHIPPED).actor is None
    assert not dispatch.send_request(request_.pk, now=now)
    assert stub.count("POST") == 1


def test_what_is_sent_is_exact_and_names_no_more_than_the_name(stub, request_, now, customer):
    dispatch.send_request(request_.pk, now=now)

    (((method, path, headers, body)),) = stub.calls
    assert (method, path) == ("POST", "/api/v2/orders")
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Accept-Encoding"] == "identity"
    assert '"denomination": 25.00,' in body and f'"external_id": "{request_.order.number}"' in body
    assert '"products": ["OKMHM2X2OHYV"]' in body and '"funding_source_id": "BALANCE"' in body
    assert customer.email not in body


def test_the_request_is_written_with_the_order_and_a_worker_is_told(
    stub, customer, django_capture_on_commit_callbacks, monkeypatch
):
    shown = []
    monkeypatch.setattr(provider_requests, "enqueue", lambda *told_of: shown.append(told_of))

    with django_capture_on_commit_callbacks(execute=True):
        request = ordered(customer)

    assert shown == [("redemption.tasks.fulfill_order", request.pk)]
    assert (request.request_id, request.status, request.provider) == (request.order.number, "queued", "tremendous")
    assert stub.calls == []
    app.autodiscover_tasks(force=True)
    app.tasks[shown[0][0]].apply(args=shown[0][1:], throw=True)
    assert state(request) == ("accepted", "shipped")


def test_what_people_send_by_hand_is_asked_of_nobody(stub, reward, customer):
    make.order(reward, by=customer)

    assert FulfillmentRequest.objects.count() == 0


def test_one_order_has_one_request(request_, now):
    assert provider_requests.request_fulfillment(request_.order, now=now) is None
    assert FulfillmentRequest.objects.get(order=request_.order) == request_

    with pytest.raises(IntegrityError), transaction.atomic():
        FulfillmentRequest.objects.create(order=request_.order, provider="tremendous", request_id="AAAA-BBBB-CCCC")


def test_only_digital_items_have_a_provider(db):
    product = make.product(kind="physical")
    product.fulfillment = "tremendous"

    with pytest.raises(ValidationError, match="digital items only"):
        product.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(fulfillment="tremendous")


def test_the_sweep_finds_what_no_worker_was_told_of(stub, request_, now):
    assert dispatch.sweep_fulfillment(now=now) == 1
    assert dispatch.sweep_fulfillment(now=now) == 0
    assert state(request_) == ("accepted", "shipped")


def test_without_a_key_it_waits_unharmed(stub, request_, now, settings):
    settings.TREMENDOUS_API_KEY = ""

    assert not dispatch.send_request(request_.pk, now=now)

    assert state(request_) == ("queued", "placed")
    assert (request_.attempts, request_.last_error) == (0, "TREMENDOUS_API_KEY is not set.")
    settings.TREMENDOUS_API_KEY = KEY
    assert dispatch.sweep_fulfillment(now=request_.due_at) == 1


# Answers that cannot be believed


@pytest.mark.slow
def test_nonsense_ships_nothing_and_once_asked_again_there_is_one_order(
    any_stub, campaign_of_gifts, settings, caplog, numbers
):
    """Whatever was said and wherever the exchange broke, the order was kept over there."""
    settings.PROVIDER_SECONDS = 0.6
    provider, left = any_stub.provider, Counter()

    for name, nasty in nasty_answers(provider).items():
        breakers[provider].close()
        request, any_stub.placing = ordered(provider=provider, campaign=campaign_of_gifts), nasty.answer
        assert not dispatch.send_request(request.pk, now=request.due_at), name
        assert state(request) == (nasty.status, "placed"), name
        assert request.last_error and content_of(request.order) == "", name
        assert Mail.objects.filter(kind="order_shipped", context__order=request.order.pk).count() == 0
        left[request.status] += 1
        any_stub.placing = None

        provider_requests.ask_again(request, now=clock.now())
        breakers[provider].close()
        assert dispatch.sweep_fulfillment(now=clock.now() + MINUTE) == 1, name

        assert state(request) == ("accepted", "shipped"), name

    kept = [order[any_stub.number] for order in any_stub.orders]
    assert len(kept) == len(set(kept)) == len(nasty_answers(provider))
    said = caplog.text + json.dumps(list(FulfillmentRequest.objects.values("last_error")))
    assert "gifts.example" not in said and "GIFTS1" not in said and KEY not in said
    numbers(f"nonsense from {provider}", kinds=len(kept), crashes=0, orders_there=len(kept), **left)


@pytest.mark.slow
def test_nonsense_for_an_answer_to_the_question_is_no_reason_to_order(stub, request_, now, settings):
    settings.PROVIDER_SECONDS = 0.6

    for nasty in nasty_answers().values():
        FulfillmentRequest.objects.filter(pk=request_.pk).update(status="unknown", attempts=1, due_at=now)
        stub.finding = lambda _order, nasty=nasty: nasty.answer({"order": EXAMPLE})
        breakers["tremendous"].close()
        assert not dispatch.send_request(request_.pk, now=now)
        assert state(request_) in {("needs_attention", "placed"), ("unknown", "placed")}

    assert (stub.count("GET"), stub.count("POST")) == (len(nasty_answers()), 0)


EXAMPLE = {
    "id": "ORDER1",
    "external_id": "X",
    "status": "EXECUTED",
    "rewards": [
        {
            "id": "REWARD1",
            "value": {"denomination": 25.0, "currency_code": "USD"},
            "delivery": {"method": "LINK", "status": "SUCCEEDED", "link": "https://gifts.example/1"},
        }
    ],
}


def test_a_refusal_says_why_without_what_could_be_a_secret(stub, request_, now):
    said = {"errors": {"message": f"Not enough funds for {KEY}, see https://gifts.example/1\x00"}}
    stub.placing = lambda order: json_answer(said, "402 Payment Required")

    dispatch.send_request(request_.pk, now=now)

    assert state(request_)[0] == "needs_attention"
    assert request_.last_error == "It answered 402. Not enough funds for …, see …"
    assert KEY not in json.dumps(list(FulfillmentRequest.objects.values()), default=str)


# No answer at all


def lose(stub, count=1):
    """The next answers to orders are lost, after the orders were kept."""
    left = iter(range(count))

    def answer(document):
        return [] if next(left, None) is not None else json_answer(document)

    stub.placing = answer


def test_accepted_and_the_answer_lost_is_asked_before_it_is_sent_again(stub, request_, now):
    lose(stub)

    assert not dispatch.send_request(request_.pk, now=now)
    assert state(request_) == ("unknown", "placed")
    assert dispatch.sweep_fulfillment(now=now + MINUTE) == 1

    assert state(request_) == ("accepted", "shipped")
    assert content_of(request_.order) == "https://gifts.example/1"
    assert [call[0] for call in stub.calls] == ["POST", "GET"]
    assert len(stub.orders) == 1


def test_control_who_does_not_ask_orders_twice(stub, request_, now, monkeypatch, numbers):
    monkeypatch.setattr(dispatch, "what_is_there", lambda provider, request: None)
    lose(stub)

    dispatch.send_request(request_.pk, now=now)
    dispatch.sweep_fulfillment(now=now + MINUTE)

    assert len(stub.orders) == 2
    numbers("control: provider not asked first", lost_answers=1, orders_there=2)


def test_a_list_without_links_has_the_link_made_anew(stub, request_, now):
    lose(stub)
    stub.lists_links = False

    dispatch.send_request(request_.pk, now=now)
    dispatch.sweep_fulfillment(now=now + MINUTE)

    assert state(request_) == ("accepted", "shipped")
    assert content_of(request_.order) == "https://gifts.example/new/REWARD1"
    assert len(stub.orders) == 1


def test_dropped_before_it_was_read_is_sent_again_under_the_same_number(stub, request_, now):
    stub.hangs_up = True
    dispatch.send_request(request_.pk, now=now)
    stub.hangs_up = False

    assert state(request_) == ("unknown", "placed")
    assert dispatch.sweep_fulfillment(now=now + MINUTE) == 1

    assert [call[0] for call in stub.calls] == ["GET", "POST"]
    assert [order["external_id"] for order in stub.orders] == [request_.order.number]


def test_nobody_there_is_no_answer(stub, request_, now, settings):
    settings.TREMENDOUS_BASE_URL = "http://127.0.0.1:1"

    dispatch.send_request(request_.pk, now=now)

    assert state(request_) == ("unknown", "placed") and "No connection" in request_.last_error


def test_a_number_it_has_already_is_asked_about_at_once(stub, request_, now):
    stub.knows_numbers = True
    stub.orders.append({**EXAMPLE, "external_id": request_.order.number})

    assert dispatch.send_request(request_.pk, now=now)

    assert state(request_) == ("accepted", "shipped") and len(stub.orders) == 1


def test_two_orders_under_one_number_are_an_operators_to_sort_out(stub, request_, now):
    FulfillmentRequest.objects.filter(pk=request_.pk).update(status="unknown", attempts=1)
    stub.orders += [{**EXAMPLE, "external_id": request_.order.number}] * 2

    dispatch.send_request(request_.pk, now=now)

    assert state(request_) == ("needs_attention", "placed") and stub.count("POST") == 0


def test_silence_is_asked_about_ever_later_and_in_the_end_by_an_operator(stub, request_, now):
    stub.hangs_up, at, waits = True, now, []

    for _attempt in dispatch.RETRY_AFTER:
        breakers["tremendous"].close()
        dispatch.send_request(request_.pk, now=at)
        assert state(request_) == ("unknown", "placed")
        assert not dispatch.send_request(request_.pk, now=request_.due_at - dt.timedelta(seconds=1))
        waits.append(request_.due_at - at)
        at = request_.due_at
    breakers["tremendous"].close()
    dispatch.send_request(request_.pk, now=at)

    assert waits == dispatch.RETRY_AFTER
    assert state(request_) == ("needs_attention", "placed")
    stub.hangs_up = False
    assert dispatch.sweep_fulfillment(now=at + dt.timedelta(days=9)) == 0
    assert stub.calls == []


@pytest.mark.slow
def test_an_approval_over_there_is_waited_for(stub, request_, now):
    stub.placing = nasty_answers()["waits for approval"].answer
    dispatch.send_request(request_.pk, now=now)

    assert dispatch.sweep_fulfillment(now=now + MINUTE) == 1

    assert len(stub.orders) == 1 and state(request_) == ("accepted", "shipped")


# Workers that die, and workers that meet


def test_a_worker_that_died_with_it_is_followed_by_a_question(stub, request_, now):
    stub.orders.append({**EXAMPLE, "external_id": request_.order.number})
    FulfillmentRequest.objects.filter(pk=request_.pk).update(status="sending", claimed_at=now, attempts=1)

    assert dispatch.sweep_fulfillment(now=now + 4 * MINUTE) == 0
    assert dispatch.sweep_fulfillment(now=now + 5 * MINUTE) == 1

    assert state(request_) == ("accepted", "shipped")
    assert [call[0] for call in stub.calls] == ["GET"]


def test_what_kills_every_worker_stops_at_an_operator(stub, request_, now):
    worn = len(dispatch.RETRY_AFTER) + 1
    FulfillmentRequest.objects.filter(pk=request_.pk).update(status="sending", claimed_at=now, attempts=worn)

    dispatch.sweep_fulfillment(now=now + 5 * MINUTE)

    assert state(request_)[0] == "needs_attention" and stub.calls == []


def test_who_lost_the_request_to_the_sweep_sends_nothing(stub, request_, now, monkeypatch):
    """A worker that was suspended between the question and the order wakes up to find it somebody else's."""

    FulfillmentRequest.objects.filter(pk=request_.pk).update(status="unknown", attempts=1)
    real = dispatch.what_is_there

    def then_suspended(provider, request):
        found = real(provider, request)
        dispatch.release_stuck(now=now + 5 * MINUTE)
        return found

    monkeypatch.setattr(dispatch, "what_is_there", then_suspended)
    assert not dispatch.send_request(request_.pk, now=now)

    assert state(request_) == ("unknown", "placed") and stub.orders == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_many_workers_one_sends(stub):
    request = ordered()
    stub.seconds = 0.2

    results = rush(8, lambda number: dispatch.send_request(request.pk, now=clock.now()))

    assert sorted(results) == [False] * 7 + [True]
    assert state(request) == ("accepted", "shipped")
    assert len(stub.orders) == 1 and Mail.objects.filter(kind="order_shipped").count() == 1


@pytest.mark.slow
def test_a_provider_that_does_not_answer_is_left_alone_for_a_while(stub, db):
    pending = [ordered() for _number in range(7)]
    stub.hangs_up = True

    now = clock.now()
    dispatch.sweep_fulfillment(now=now)

    assert [state(request)[0] for request in pending] == ["unknown"] * 5 + ["queued"] * 2
    stub.hangs_up = False
    assert dispatch.sweep_fulfillment(now=now + 2 * MINUTE) == 0
    breakers["tremendous"]._open_until = 0.0  # half a minute later
    assert dispatch.sweep_fulfillment(now=now + 2 * MINUTE) == 7
    assert len(stub.orders) == 7


def test_one_more_silence_opens_the_breaker_again():
    breaker = CircuitBreaker(cooldown=0.05, failure_threshold=5)
    for _call in range(4):
        breaker.trip()
    assert not breaker.is_open()
    breaker.trip()
    assert breaker.is_open()
    time.sleep(0.06)
    assert not breaker.is_open()

    breaker.trip()

    assert breaker.is_open()
    breaker.close()
    breaker.trip()
    assert not breaker.is_open()
