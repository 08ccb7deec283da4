"""Tracking that is corrected while the order becomes delivered at that moment."""

import threading

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from moments import clock
from moments.errors import RuleViolation
from outbox.models import Mail
from redemption.models import Order, OrderEvent
from redemption.shipping import transitions
from tests import make
from tests.harness.locks import behind, wait_for_waiters
from tests.races.crowd import rush

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
OLD = {"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}
NEW = {"carrier": "FedEx", "tracking_number": "961234567890"}


@pytest.fixture
def order() -> Order:
    made = make.order(make.reward(make.campaign()), by=make.customer())
    transitions.ship_order(made, by=make.operator(), now=clock.now(), **OLD)
    return made


def as_read(order: Order) -> Order:
    """Each operator has a row of their own."""
    return Order.objects.select_related("product", "customer", "reward__campaign").get(pk=order.pk)


def deliver(order: Order) -> None:
    transitions.deliver_order(as_read(order), by=make.operator(), now=clock.now())


def correct(order: Order) -> None:
    transitions.change_tracking(as_read(order), by=make.operator(), now=clock.now(), **NEW)


def while_open(order: Order, first, then) -> list:
    """What each found, where ``then`` begins while the transaction of ``first`` is open."""
    second = as_read(order)

    def hold(held: threading.Event) -> None:
        with transaction.atomic():
            first(order)
            held.set()
            with connection.cursor() as cursor:
                wait_for_waiters(cursor, 1)

    return rush(2, behind(hold, lambda _number: then(second)))


def shown(order: Order) -> list[str]:
    """Emails to the customer since the order was shipped."""
    return list(Mail.objects.filter(user=order.customer).order_by("pk").values_list("kind", flat=True))


def tracking(order: Order) -> dict[str, str]:
    return {name: getattr(as_read(order), name) for name in OLD}


def test_tracking_stays_as_it_is_when_the_order_is_delivered_at_that_moment(order):
    before = shown(order)

    delivered, refused = while_open(order, deliver, correct)

    assert delivered is None
    assert isinstance(refused, RuleViolation) and refused.code == "not_on_its_way"
    assert as_read(order).status == Order.Status.DELIVERED and tracking(order) == OLD
    assert not order.history.filter(event=OrderEvent.TRACKING_CHANGED).exists()
    assert shown(order) == [*before, "order_delivered"]


def test_tracking_that_was_corrected_first_holds_and_the_order_is_delivered_then(order):
    before = shown(order)

    assert while_open(order, correct, deliver) == [None, None]

    assert as_read(order).status == Order.Status.DELIVERED and tracking(order) == NEW
    assert shown(order) == [*before, "order_shipped", "order_delivered"]


def test_control_without_the_locks_the_tracking_of_a_delivered_order_is_changed(order, monkeypatch):
    monkeypatch.setattr(transitions, "try_lock_active_user", lambda _user: True)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)

    assert while_open(order, deliver, correct) == [None, None]

    assert as_read(order).status == Order.Status.DELIVERED and tracking(order) == NEW
    assert shown(order)[-1] == "order_shipped", "after it was delivered"
