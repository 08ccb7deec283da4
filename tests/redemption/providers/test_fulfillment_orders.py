"""Orders with a provider, in the hands of operators and customers."""

import datetime as dt
import json

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from moments import clock
from moments.errors import RuleViolation
from outbox.models import Mail
from redemption.models import FulfillmentRequest, Order, OrderEvent, Substitution
from redemption.orders.provider_requests import ask_again
from redemption.providers import dispatch
from redemption.shipping import substitution, transitions
from tests import make
from tests.redemption.providers.malformed_answers import nasty_answers
from tests.redemption.providers.provider import order_of, ordered, state

MINUTE = dt.timedelta(minutes=1)


def test_a_queued_order_can_be_canceled_and_is_asked_for_no_more(stub, request_, now):
    transitions.cancel_order(request_.order, by=make.operator(), reason="Wrong one.", now=now)

    assert state(request_) == ("canceled", "canceled")
    assert dispatch.sweep_fulfillment(now=now) == 0 and stub.calls == []


@pytest.mark.slow
@pytest.mark.parametrize("status", ["sending", "unknown"])
@pytest.mark.parametrize("act", ["cancel", "ship", "missing"])
def test_what_a_provider_may_have_is_neither_canceled_nor_sent_by_hand(request_, now, status, act):
    FulfillmentRequest.objects.filter(pk=request_.pk).update(status=status, claimed_at=now)
    order, operator = request_.order, make.operator()
    acts = {
        "cancel": lambda: transitions.cancel_order(order, by=operator, reason="Wrong one.", now=now),
        "ship": lambda: transitions.ship_order(order, by=operator, digital_content="CODE", now=now),
        "missing": lambda: substitution.report_missing(order, by=operator, now=now),
    }

    with pytest.raises(RuleViolation) as caught:
        acts[act]()

    assert caught.value.code == "with_provider"
    assert state(request_) == (status, "placed")
    assert (
        Order.objects.get().is_missing is False
        and Mail.objects.filter(kind__in=["order_shipped", "order_canceled"]).count() == 0
    )


def test_an_accepted_order_cannot_be_canceled(stub, request_, now):
    dispatch.send_request(request_.pk, now=now)
    request_.order.refresh_from_db()

    with pytest.raises(RuleViolation):
        transitions.cancel_order(request_.order, by=make.operator(), reason="Wrong one.", now=now)

    assert state(request_) == ("accepted", "shipped")


HAND_ACTS = {
    "cancel": (transitions.cancel_order, {"reason": "Wrong one."}, "canceled"),
    "ship": (transitions.ship_order, {"digital_content": "CODE"}, "shipped"),
}


def stopped(stub, request_, now) -> dt.datetime:
    """The provider refused, which need not mean that nothing is there. When an operator comes to it."""
    stub.placing = nasty_answers()["400"].answer
    dispatch.send_request(request_.pk, now=now + MINUTE)
    assert state(request_) == ("needs_attention", "placed")
    stub.orders.clear()
    return now + 7 * MINUTE


@pytest.mark.slow
@pytest.mark.parametrize("act", HAND_ACTS)
def test_what_needs_attention_may_be_at_the_provider_and_is_not_simply_given_up(stub, request_, now, act):
    later = stopped(stub, request_, now)
    rule, given, _status = HAND_ACTS[act]

    for words in ("", "  "):
        with pytest.raises(RuleViolation) as caught:
            rule(request_.order, by=make.operator(), checked=words, **given, now=later)
        assert (caught.value.code, caught.value.field) == ("may_be_there", "checked")

    assert state(request_) == ("needs_attention", "placed")
    assert not Mail.objects.filter(kind__in=["order_shipped", "order_canceled"]).exists()


@pytest.mark.slow
@pytest.mark.parametrize("act", HAND_ACTS)
def test_once_the_provider_has_said_that_it_is_not_there_it_may_be(client, stub, request_, now, act):
    later, operator = stopped(stub, request_, now), make.operator()
    rule, given, status = HAND_ACTS[act]

    dispatch.look_up(request_, by=operator, now=later)
    rule(request_.order, by=operator, **given, now=later + 59 * MINUTE)

    assert stub.count("GET") == 1 and state(request_) == ("canceled", status)
    assert request_.order.history.get(event=OrderEvent.ABSENT_AT_PROVIDER).actor == operator


@pytest.mark.parametrize("act", HAND_ACTS)
def test_who_checked_over_there_says_so_in_words_that_are_kept(client, stub, request_, now, act):
    stopped(stub, request_, now)
    operator, (_rule, given, status) = make.operator(), HAND_ACTS[act]
    client.force_login(operator)
    page = reverse(f"admin:redemption_order_{act}", args=[request_.order_id])
    refused = client.post(page, given)
    assert "Ask it first" in refused.text and 'name="checked"' in refused.text
    assert state(request_) == ("needs_attention", "placed")

    client.post(page, {**given, "checked": "Their support says that there is no such order."})

    assert state(request_) == ("canceled", status)
    kept = request_.order.history.get(event=OrderEvent.PROVIDER_CHECKED)
    assert (kept.actor, kept.reason) == (operator, "Their support says that there is no such order.")


def test_a_look_holds_for_an_hour_and_until_it_is_sent_again(stub, request_, now):
    later, operator = stopped(stub, request_, now), make.operator()
    dispatch.look_up(request_, by=operator, now=later)
    act = {"by": operator, "reason": "Wrong one."}

    with pytest.raises(RuleViolation, match="Ask it first"):
        transitions.cancel_order(request_.order, **act, now=later + 60 * MINUTE)
    ask_again(request_, now=later)
    dispatch.send_request(request_.pk, now=later)
    with pytest.raises(RuleViolation, match="Ask it first"):
        transitions.cancel_order(request_.order, **act, now=later + MINUTE)

    assert state(request_) == ("needs_attention", "placed")


@pytest.mark.parametrize("how", ["is there", "silent", "nonsense", "too soon"])
def test_only_a_clear_no_counts_as_a_look(stub, request_, now, how):
    later = stopped(stub, request_, now)
    if how == "is there":
        stub.orders.append(order_of(json.loads(stub.calls[0][3]), 1))
    stub.hangs_up = how == "silent"
    stub.finding = nasty_answers()["no HTTP"].answer if how == "nonsense" else None

    with pytest.raises(RuleViolation) as caught:
        dispatch.look_up(request_, by=make.operator(), now=now + 5 * MINUTE if how == "too soon" else later)

    codes = {"is there": "is_there", "silent": "not_known", "nonsense": "not_known", "too soon": "too_soon"}
    assert caught.value.code == codes[how]
    assert state(request_) == ("needs_attention", "placed") and request_.absent_at is None


def test_a_provider_that_cannot_tell_is_not_asked(client, amazon, customer, now):
    gift = ordered(customer, provider="gift_codes")
    later = stopped(amazon, gift, now)
    client.force_login(make.operator())

    page = reverse("admin:redemption_fulfillmentrequest_changelist")
    shown = client.post(page, {"action": "look_up", "_selected_action": [gift.pk]}, follow=True).text

    assert "cannot be asked without ordering" in shown
    with pytest.raises(RuleViolation, match="Ask it first"):
        transitions.cancel_order(gift.order, by=make.operator(), reason="Wrong one.", now=later)
    assert state(gift) == ("needs_attention", "placed") and len(amazon.calls) == 1


def test_an_operator_asks_by_an_action(client, stub, request_, now):
    stopped(stub, request_, now)
    FulfillmentRequest.objects.update(claimed_at=now - 6 * MINUTE)
    client.force_login(make.operator())
    page = reverse("admin:redemption_fulfillmentrequest_changelist")

    client.post(page, {"action": "look_up", "_selected_action": [request_.pk]})

    assert state(request_)[0] == "needs_attention" and request_.absent_at is not None


def test_an_answer_that_comes_after_the_order_was_given_up_is_told(stub, request_, now, monkeypatch):
    def too_late(provider, request, *, ask_first):
        accepted = provider.place(request)
        FulfillmentRequest.objects.filter(pk=request.pk).update(status="canceled")
        Order.objects.filter(pk=request.order_id).update(status="canceled", canceled_at=now)
        return accepted

    monkeypatch.setattr(dispatch, "place_or_find", too_late)

    assert not dispatch.send_request(request_.pk, now=now)

    assert state(request_) == ("canceled", "canceled")
    assert request_.order.history.get(event=OrderEvent.ACCEPTED_TOO_LATE).reason == "ORDER1"
    assert "as ORDER1 after it was given up" in Mail.objects.get(subject__contains="too late").text


def test_an_operator_has_it_asked_about_and_tried_again(client, stub, request_, now):
    stub.placing = nasty_answers()["wrong currency"].answer
    dispatch.send_request(request_.pk, now=now)
    stub.placing = None
    client.force_login(make.operator())
    page = reverse("admin:redemption_fulfillmentrequest_changelist")

    client.post(page, {"action": "try_again", "_selected_action": [request_.pk]})

    assert state(request_) == ("unknown", "placed")
    assert dispatch.sweep_fulfillment(now=clock.now()) == 1
    assert len(stub.orders) == 1 and stub.count("GET") == 1


def test_who_may_only_look_cannot_have_it_tried_again(client, request_, now):
    FulfillmentRequest.objects.filter(pk=request_.pk).update(status="needs_attention")
    watcher = make.user(is_staff=True)
    watcher.user_permissions.set(Permission.objects.filter(codename="view_fulfillmentrequest"))
    client.force_login(watcher)
    page = reverse("admin:redemption_fulfillmentrequest_changelist")

    client.post(page, {"action": "try_again", "_selected_action": [request_.pk]})

    assert state(request_)[0] == "needs_attention"


@pytest.mark.slow
def test_what_needs_attention_stands_first(client, stub, db):
    waiting, fresh = ordered(), ordered()
    FulfillmentRequest.objects.filter(pk=waiting.pk).update(status="needs_attention", last_error="No.")
    client.force_login(make.operator())

    listed = client.get(reverse("admin:redemption_fulfillmentrequest_changelist")).context["cl"].result_list

    assert list(listed) == [waiting, fresh]


@pytest.mark.parametrize("status", ["queued", "unknown", "needs_attention"])
def test_the_customer_reads_that_it_is_being_arranged(client, stub, request_, customer, now, status):
    FulfillmentRequest.objects.filter(pk=request_.pk).update(status=status, last_error="It answered 402.")
    client.force_login(customer)
    page = reverse("redemption:order", args=[request_.order.number])

    text = client.get(page).text
    assert "being arranged" in text and "It answered" not in text

    FulfillmentRequest.objects.filter(pk=request_.pk).update(status="queued", due_at=now)
    dispatch.send_request(request_.pk, now=now)
    text = client.get(page).text
    assert "being arranged" not in text and "https://gifts.example/1" in text


def test_an_equal_that_a_provider_delivers_is_asked_for(stub, customer, now):
    by_hand = make.product(2500, kind="digital")
    order = make.order(make.reward(make.campaign(products=[by_hand])), by=customer)
    make.product(2600, kind="digital", fulfillment="tremendous")
    substitution.report_missing(order, by=make.operator(), now=now)
    substitution.substitute_out_of_stock(now=now)

    substitution.accept_substitution(Substitution.objects.get(), by=customer, now=now)

    assert dispatch.sweep_fulfillment(now=now) == 1
    assert state(FulfillmentRequest.objects.get()) == ("accepted", "shipped")
