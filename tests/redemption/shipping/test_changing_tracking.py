"""Shipping without tracking, and tracking that is added or corrected afterward."""

import pytest
from django.urls import reverse

from outbox.models import Mail
from redemption.models import Order, OrderEvent
from redemption.shipping import transitions
from tests import make
from tests.redemption.shipping.parcels import LIST, refused, statuses

NEW = {"carrier": "UPS", "tracking_number": "1Z999"}


def mails() -> int:
    return Mail.objects.filter(kind="order_shipped").count()


def test_ship_asks_before_it_ships_without_tracking(client, operator, order):
    page = reverse("admin:redemption_order_ship", args=[order.pk])

    asked = client.post(page, {"carrier": "UPS"})

    assert "Ship without tracking?" in asked.text
    assert statuses() == ["placed"] and mails() == 0
    assert client.post(page, {"without_tracking": "on"}).status_code == 302
    assert statuses() == ["shipped"] and mails() == 1


def test_tracking_can_be_added_and_corrected_until_the_order_is_delivered(client, operator, order, now):
    transitions.ship_order(order, by=make.operator(), now=now)
    page = reverse("admin:redemption_order_change_tracking", args=[order.pk])

    shown = reverse("admin:redemption_order_change", args=[order.pk])
    client.post(shown, {"access_reason": "Ticket 4711"})
    assert page in client.get(shown).text
    client.post(page, {"carrier": "UPS", "tracking_number": "1Z998"})
    client.post(page, NEW)

    changed = Order.objects.get()
    assert (changed.carrier, changed.tracking_number, changed.status) == ("UPS", "1Z999", "shipped")
    assert mails() == 3
    written = list(order.history.filter(event=OrderEvent.TRACKING_CHANGED).values_list("reason", flat=True))
    assert written == ["from none to UPS 1Z998", "from UPS 1Z998 to UPS 1Z999"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"carrier": "UPS", "tracking_number": " "}, "no_tracking_number"),
        ({"carrier": "DHL", "tracking_number": "JD1"}, "no_change"),
    ],
)
def test_tracking_that_is_empty_or_the_same_is_refused(order, now, fields, code):
    operator = make.operator()
    transitions.ship_order(order, by=operator, carrier="DHL", tracking_number="JD1", now=now)

    assert refused(transitions.change_tracking, order, by=operator, now=now, **fields) == code
    assert Order.objects.get().tracking_number == "JD1" and mails() == 1


@pytest.mark.parametrize("status", sorted({*Order.Status} - {"shipped"}))
def test_tracking_of_what_is_not_on_its_way_is_not_changed(order, now, status):
    stale = Order.objects.get()
    Order.objects.update(status=status)

    assert refused(transitions.change_tracking, stale, by=make.operator(), now=now, **NEW) == "not_on_its_way"
    assert Order.objects.get().tracking_number == "" and mails() == 0


def test_the_bulk_action_asks_before_it_ships_without_tracking(client, operator, campaign, customer):
    orders = [make.order(make.reward(campaign), by=customer) for _number in range(2)]
    chosen = {"action": "ship_many", "_selected_action": [order.pk for order in orders]}

    asked = client.post(reverse(LIST), chosen)

    assert "Ship these 2 orders without tracking?" in asked.text
    assert all(order.number in asked.text and f'value="{order.pk}"' in asked.text for order in orders)
    assert statuses() == ["placed", "placed"] and mails() == 0

    assert client.post(reverse(LIST), {**chosen, "confirmed": "1"}).status_code == 302
    assert statuses() == ["shipped", "shipped"] and mails() == 2
