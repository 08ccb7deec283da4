"""What came back or was lost."""

import pytest
from django.urls import reverse

from campaigns.models import BudgetEntry
from catalog.models import Product
from outbox.models import Mail
from redemption.account.claimed_rewards import claimed_by
from redemption.models import Order, OrderEvent
from redemption.shipping import transitions
from rewards.models import Reward
from tests import make
from tests.races.crowd import rush
from tests.redemption.shipping.parcels import refused, statuses


@pytest.mark.parametrize("is_unit_back", [True, False])
@pytest.mark.parametrize("may_choose_again", [True, False])
def test_a_refund_gives_back_what_staff_say_and_the_charge_stays(
    client, order, customer, now, is_unit_back, may_choose_again
):
    operator, charged = make.operator(), list(BudgetEntry.objects.values())
    transitions.ship_order(order, by=operator, now=now)
    if is_unit_back:  # so it had arrived
        transitions.deliver_order(order, by=operator, now=now)

    chosen = {"is_unit_back": is_unit_back, "may_choose_again": may_choose_again}
    transitions.refund_order(order, by=operator, reason="The parcel was lost.", **chosen, now=now)

    order.refresh_from_db()
    assert (order.status, order.refunded_at) == ("refunded", now)
    assert Product.objects.get().stock == (10 if is_unit_back else 9)
    assert Reward.objects.get().status == ("claimed" if may_choose_again else "redeemed")
    assert list(BudgetEntry.objects.values()) == charged
    assert order.history.get(event=OrderEvent.REFUNDED).reason == "The parcel was lost."
    assert Mail.objects.get(kind="order_refunded").context["can_choose_again"] is may_choose_again
    client.force_login(customer)
    text = client.get(reverse("redemption:order", args=[order.number])).text
    assert "The parcel was lost." in text and ("Choose again" in text) is may_choose_again
    assert [row.waits for row in claimed_by(customer, now=now)] == [may_choose_again]
    again = {"by": operator, "reason": "Again.", "now": now}
    assert refused(transitions.refund_order, order, **again) == "illegal_move"


def test_after_a_refund_the_reward_is_ordered_with_again_until_it_expires(order, customer, now):
    operator = make.operator()
    transitions.ship_order(order, by=operator, now=now)
    transitions.refund_order(order, by=operator, reason="Lost.", may_choose_again=True, now=now)

    again = make.order(Reward.objects.select_related("campaign", "group").get(), by=customer)
    transitions.ship_order(again, by=operator, now=now)
    late = again.reward.campaign.rewards_expire_at
    transitions.refund_order(again, by=operator, reason="Lost too.", may_choose_again=True, now=late)

    assert again.pk != order.pk and statuses() == ["refunded", "refunded"]
    assert Reward.objects.get().status == "expired"
    assert Mail.objects.filter(kind="order_refunded", context__can_choose_again=True).count() == 1


@pytest.mark.parametrize("status", ["placed", "waiting", "picked", "packed", "canceled", "refunded"])
def test_what_is_not_on_its_way_is_not_refunded(order, now, status):
    Order.objects.filter(pk=order.pk).update(status=status)
    order.refresh_from_db()

    assert refused(transitions.refund_order, order, by=make.operator(), reason="Lost.", now=now) == "illegal_move"
    assert Product.objects.get().stock == 9


def test_a_refund_without_a_reason_is_none(order, now):
    operator = make.operator()
    transitions.ship_order(order, by=operator, now=now)

    assert refused(transitions.refund_order, order, by=operator, reason=" ", now=now) == "no_reason"


def test_two_operators_who_refund_at_once_put_one_unit_back(order, now):
    operator = make.operator()
    transitions.ship_order(order, by=operator, now=now)
    stale = Order.objects.get()
    chosen = {"by": operator, "reason": "Lost.", "is_unit_back": True, "may_choose_again": True, "now": now}

    transitions.refund_order(order, **chosen)

    assert refused(transitions.refund_order, stale, **chosen) == "conflict"
    assert Product.objects.get().stock == 10 and Mail.objects.filter(kind="order_refunded").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_many_operators_one_ships_and_control_without_the_guard(monkeypatch, numbers):
    operator, campaign = make.operator(), make.campaign()

    def mails_of_eight() -> int:
        order = make.order(make.reward(campaign), by=make.customer())
        copies = [Order.objects.select_related("product").get(pk=order.pk) for _number in range(8)]
        rush(8, lambda number: transitions.ship_order(copies[number], by=operator, now=order.placed_at))
        return Mail.objects.filter(kind="order_shipped", context__order=order.pk).count()

    guarded = mails_of_eight()
    monkeypatch.setattr(
        transitions, "advance", lambda row, to, **changes: Order.objects.filter(pk=row.pk).update(status=to, **changes)
    )
    unguarded = mails_of_eight()

    assert guarded == 1
    assert unguarded > 1
    numbers("one order, eight operators", mails=guarded)
    numbers("control: shipped without the guard", mails=unguarded)


def test_an_order_is_refunded_in_admin_and_says_so(client, operator, order, now):
    transitions.ship_order(order, by=operator, now=now)
    page = reverse("admin:redemption_order_refund", args=[order.pk])

    assert "it came back" in client.get(page).text.lower()
    assert client.post(page, {"reason": ""}).status_code == 200 and statuses() == ["shipped"]
    assert client.post(page, {"reason": "Lost\x00"}).status_code == 200 and statuses() == ["shipped"]
    client.post(page, {"reason": "Lost.", "is_unit_back": "on"})

    assert statuses() == ["refunded"] and Product.objects.get().stock == 10
    assert Reward.objects.get().status == "redeemed"
