"""Orders with a provider, in the hands of operators and customers."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from moments import clock
from moments.errors import RuleViolation
from outbox.models import Mail
from redemption import handling, substitution
from redemption.fulfilment import services
from redemption.models import FulfilmentRequest, Order, Substitution
from tests import make
from tests.redemption.nasty import nasty_answers
from tests.redemption.provider import ordered, state


def test_a_queued_order_can_be_cancelled_and_is_asked_for_no_more(stub, request_, now):
    handling.cancel_order(request_.order, by=make.operator(), reason="Wrong one.", now=now)

    assert state(request_) == ("cancelled", "cancelled")
    assert services.sweep_fulfilment(now=now) == 0 and stub.calls == []


@pytest.mark.parametrize("status", ["sending", "unknown"])
@pytest.mark.parametrize("act", ["cancel", "ship", "missing"])
def test_what_a_provider_may_have_is_neither_cancelled_nor_sent_by_hand(request_, now, status, act):
    FulfilmentRequest.objects.filter(pk=request_.pk).update(status=status, claimed_at=now)
    order, operator = request_.order, make.operator()
    acts = {
        "cancel": lambda: handling.cancel_order(order, by=operator, reason="Wrong one.", now=now),
        "ship": lambda: handling.ship_order(order, by=operator, digital_content="CODE", now=now),
        "missing": lambda: substitution.report_missing(order, by=operator, now=now),
    }

    with pytest.raises(RuleViolation) as caught:
        acts[act]()

    assert caught.value.code == "with_provider"
    assert state(request_) == (status, "placed")
    assert (
        Order.objects.get().is_missing is False
        and Mail.objects.filter(kind__in=["order_shipped", "order_cancelled"]).count() == 0
    )


def test_an_accepted_order_cannot_be_cancelled(stub, request_, now):
    services.send_request(request_.pk, now=now)
    request_.order.refresh_from_db()

    with pytest.raises(RuleViolation):
        handling.cancel_order(request_.order, by=make.operator(), reason="Wrong one.", now=now)

    assert state(request_) == ("accepted", "shipped")


def test_an_operator_may_send_by_hand_what_needs_attention(stub, request_, now):
    stub.placing = nasty_answers()["400"].answer
    services.send_request(request_.pk, now=now)

    handling.ship_order(request_.order, by=make.operator(), digital_content="CODE", now=now)

    assert state(request_) == ("cancelled", "shipped")


def test_an_operator_has_it_asked_about_and_tried_again(client, stub, request_, now):
    stub.placing = nasty_answers()["wrong currency"].answer
    services.send_request(request_.pk, now=now)
    stub.placing = None
    client.force_login(make.operator())
    page = reverse("admin:redemption_fulfilmentrequest_changelist")

    client.post(page, {"action": "try_again", "_selected_action": [request_.pk]})

    assert state(request_) == ("unknown", "placed")
    assert services.sweep_fulfilment(now=clock.now()) == 1
    assert len(stub.orders) == 1 and stub.count("GET") == 1


def test_who_may_only_look_cannot_have_it_tried_again(client, request_, now):
    FulfilmentRequest.objects.filter(pk=request_.pk).update(status="needs_attention")
    watcher = make.user(is_staff=True)
    watcher.user_permissions.set(Permission.objects.filter(codename="view_fulfilmentrequest"))
    client.force_login(watcher)
    page = reverse("admin:redemption_fulfilmentrequest_changelist")

    client.post(page, {"action": "try_again", "_selected_action": [request_.pk]})

    assert state(request_)[0] == "needs_attention"


def test_what_needs_attention_stands_first(client, stub, db):
    waiting, fresh = ordered(), ordered()
    FulfilmentRequest.objects.filter(pk=waiting.pk).update(status="needs_attention", last_error="No.")
    client.force_login(make.operator())

    listed = client.get(reverse("admin:redemption_fulfilmentrequest_changelist")).context["cl"].result_list

    assert list(listed) == [waiting, fresh]


@pytest.mark.parametrize("status", ["queued", "unknown", "needs_attention"])
def test_the_customer_reads_that_it_is_being_arranged(client, stub, request_, customer, now, status):
    FulfilmentRequest.objects.filter(pk=request_.pk).update(status=status, last_error="It answered 402.")
    client.force_login(customer)
    page = reverse("redemption:order", args=[request_.order.number])

    text = client.get(page).text
    assert "being arranged" in text and "It answered" not in text

    FulfilmentRequest.objects.filter(pk=request_.pk).update(status="queued", due_at=now)
    services.send_request(request_.pk, now=now)
    text = client.get(page).text
    assert "being arranged" not in text and "https://gifts.example/1" in text


def test_an_equal_that_a_provider_delivers_is_asked_for(stub, customer, now):
    by_hand = make.product(2500, kind="digital")
    order = make.order(make.reward(make.campaign(products=[by_hand])), by=customer)
    make.product(2600, kind="digital", fulfilment="tremendous")
    substitution.report_missing(order, by=make.operator(), now=now)
    substitution.substitute_out_of_stock(now=now)

    substitution.accept_substitution(Substitution.objects.get(), by=customer, now=now)

    assert services.sweep_fulfilment(now=now) == 1
    assert state(FulfilmentRequest.objects.get()) == ("accepted", "shipped")
