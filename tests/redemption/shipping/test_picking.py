"""The warehouse: fetched, packed, sent, and the queue that tells what waits for whom."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from campaigns.models import ClaimLimits
from catalog.models import Product
from redemption.models import FulfillmentRequest, Order
from redemption.shipping import picking, substitution, transitions
from rewards.models import Reward
from tests import make
from tests.redemption.shipping.parcels import LIST, refused, statuses

# Step by step


def test_an_order_is_picked_packed_shipped_and_delivered(order, now):
    operator = make.operator()

    picking.pick_order(order, by=operator, now=now)
    picking.pack_order(order, by=operator, now=now)
    transitions.ship_order(order, by=operator, carrier="DHL", tracking_number="JD0146", now=now)
    transitions.deliver_order(order, by=operator, now=now)

    assert Order.objects.get().status == "delivered"
    seen = list(order.history.values_list("event", "actor"))
    assert seen[1:] == [(what, operator.pk) for what in ("picked", "packed", "shipped", "delivered")]


def test_no_step_is_done_twice_and_none_out_of_turn(order, now):
    operator, stale = make.operator(), Order.objects.get()

    assert refused(picking.pack_order, order, by=operator, now=now) == "illegal_move"
    picking.pick_order(order, by=operator, now=now)

    assert refused(picking.pick_order, order, by=operator, now=now) == "illegal_move"
    assert refused(picking.pick_order, stale, by=operator, now=now) == "conflict"
    assert refused(substitution.report_missing, order, by=operator, now=now) == "not_placed"


def test_what_is_missing_or_comes_in_no_parcel_is_not_picked(order, now):
    operator, stale = make.operator(), Order.objects.get()
    substitution.report_missing(order, by=operator, now=now)
    film = make.product(1200, kind="digital")
    digital = make.order(make.reward(make.campaign(products=[film], cpa_cents=1320)), by=make.customer())

    assert refused(picking.pick_order, order, by=operator, now=now) == "missing"
    assert refused(picking.pick_order, stale, by=operator, now=now) == "conflict"
    assert refused(picking.pick_order, digital, by=operator, now=now) == "no_parcel"


def test_what_was_reported_missing_meanwhile_is_not_put_back_by_a_cancellation(order, now):
    operator, stale = make.operator(), Order.objects.get()
    substitution.report_missing(order, by=operator, now=now)

    assert refused(transitions.cancel_order, stale, by=operator, reason="Gone.", now=now) == "conflict"
    assert Product.objects.get().stock == 9


def test_what_was_missing_and_is_sent_was_found(order, now):
    operator = make.operator()
    substitution.report_missing(order, by=operator, now=now)

    transitions.ship_order(order, by=operator, now=now)

    assert not Order.objects.get().is_missing


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_until_it_is_shipped_it_can_be_canceled(order, now, steps):
    operator = make.operator()
    for act in (picking.pick_order, picking.pack_order)[:steps]:
        act(order, by=operator, now=now)

    transitions.cancel_order(order, by=operator, reason="You asked us to.", now=now)

    assert Product.objects.get().stock == 10
    assert Reward.objects.get().status == "claimed"


# The queue


@pytest.mark.slow
def test_the_queue_tells_what_waits_for_whom(client, operator):
    mug, film = make.product(2500), make.product(2500, kind="digital")
    gift = make.product(2500, kind="digital", fulfillment="tremendous")
    campaign = make.campaign(products=[mug, film, gift])
    ClaimLimits.objects.create(campaign=campaign, accounts_per_address=0)

    def ordered(status="placed", chosen=mug, asked="", **fields):
        made = make.order(make.reward(campaign), by=make.customer(), chosen=chosen)
        FulfillmentRequest.objects.filter(order=made).update(status=asked)
        Order.objects.filter(pk=made.pk).update(status=status, **fields)
        return made.pk

    expected = {
        "pick": ordered(),
        "pack": ordered("picked"),
        "ship": ordered("packed"),
        "missing": ordered(is_missing=True),
        "customer": ordered("waiting"),
        "code": ordered(chosen=film),
        "provider": ordered(chosen=gift, asked="queued"),
        "unknown": ordered(chosen=gift, asked="unknown"),
        "attention": ordered(chosen=gift, asked="needs_attention"),
    }
    ordered("shipped")
    ordered("canceled")

    for waits, pk in expected.items():
        listed = client.get(reverse(LIST), {"waits": waits}).context["cl"].result_list
        assert [row.pk for row in listed] == [pk], waits
    assert client.get(reverse(LIST), {"waits": "nonsense\x00"}).status_code in {200, 302}


def test_operators_read_the_status_in_their_own_words(client, operator, order):
    Order.objects.update(status="waiting")
    shown = reverse("admin:redemption_order_change", args=[order.pk])
    client.post(shown, {"access_reason": "Ticket 4711"})

    for page in (reverse(LIST), shown, reverse("admin:redemption_order_cancel", args=[order.pk])):
        text = client.get(page).text
        assert "waiting for the customer" in text and "your answer" not in text, page


@pytest.mark.slow
def test_many_are_moved_at_once_and_one_that_cannot_holds_up_none(client, operator, customer, campaign):
    orders = [make.order(make.reward(campaign), by=customer) for _number in range(3)]
    Order.objects.filter(pk=orders[1].pk).update(status="waiting")
    selected = [order.pk for order in orders]

    for action, after in (
        ("pick", "picked"),
        ("pack", "packed"),
        ("ship_many", "shipped"),
        ("mark_delivered", "delivered"),
    ):
        chosen = {"action": action, "_selected_action": selected, "confirmed": "1"}
        answer = client.post(reverse(LIST), chosen, follow=True)
        assert statuses() == [after, "waiting", after]
        assert orders[1].number in answer.text and "cannot become" in answer.text


def test_who_may_only_look_moves_nothing_and_gets_no_addresses(client, order):
    watcher = make.user(is_staff=True)
    watcher.user_permissions.set(Permission.objects.filter(codename="view_order"))
    client.force_login(watcher)
    content = f"order_number,carrier,tracking_number\n{order.number},DHL,JD1\n"

    for action in ("pick", "slips", "parcels", "ship_many"):
        answer = client.post(reverse(LIST), {"action": action, "_selected_action": [order.pk]}, follow=True)
        assert "Harbor Street" not in answer.text
    assert client.get(reverse("admin:redemption_order_pick_list")).status_code == 200
    assert client.post(reverse("admin:redemption_order_pick_list"), {"order": [order.pk]}).status_code == 403
    assert client.get(reverse("admin:redemption_order_parcels")).status_code == 403
    assert client.get(reverse("admin:redemption_order_content", args=[order.pk])).status_code == 403
    assert client.post(reverse("admin:redemption_order_tracking"), {"content": content}).status_code == 403
    client.post(reverse("admin:redemption_order_refund", args=[order.pk]), {"reason": "Lost."})
    assert statuses() == ["placed"]


@pytest.mark.slow
def test_rewards_orders_and_requests_lead_to_each_other(client, operator):
    gift = make.product(2500, kind="digital", fulfillment="tremendous")
    order = make.order(make.reward(make.campaign(products=[gift])), by=make.customer())
    page = reverse("admin:redemption_order_change", args=[order.pk])

    listed = f"{reverse(LIST)}?reward__id__exact={order.reward_id}"
    assert listed in client.get(reverse("admin:rewards_reward_change", args=[order.reward_id])).text
    assert [row.pk for row in client.get(listed).context["cl"].result_list] == [order.pk]
    assert page in client.get(reverse("admin:redemption_fulfillmentrequest_changelist")).text
    shown = client.post(page, {"access_reason": "To pack and send it"}, follow=True).text
    assert reverse("admin:rewards_reward_change", args=[order.reward_id]) in shown
    asked = FulfillmentRequest.objects.get()
    assert reverse("admin:redemption_fulfillmentrequest_change", args=[asked.pk]) in shown
