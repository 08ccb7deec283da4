"""What an operator should look at: seen in admin, told to monitors, mailed once a day."""

import datetime as dt

import pytest
from django.db import connection

from campaigns.budget.holds import Held, hold_campaign
from operations.alarms import alarms, notify_operators_of_alarms
from outbox import heartbeats
from outbox.models import Heartbeat, Mail
from redemption.models import FulfillmentRequest, Order, OrderPayment, Substitution
from rewards.ledger.reconciliation import reconcile
from tests import make

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture
def well(now):
    """Everything is as it should be."""
    heartbeats.record_heartbeat("worker")
    heartbeats.record_heartbeat("beat")
    reconcile(now=now)


def codes(now) -> set[str]:
    return {alarm.code for alarm in alarms(now=now)}


def test_where_all_is_well_there_is_no_alarm(well, now):
    assert codes(now) == set()


def test_who_falls_silent_for_two_minutes_is_named(well, now):
    Heartbeat.objects.filter(kind="worker").update(last_seen_at=now - 2 * MINUTE)

    assert codes(now) == {"worker_silent"}
    assert codes(now + 3 * MINUTE) == {"worker_silent", "beat_silent"}
    heartbeats.record_heartbeat("worker")
    assert codes(now) == set()


def test_a_clock_more_than_two_seconds_off_is_named(well, now, caplog, monkeypatch):
    Heartbeat.objects.filter(kind="worker").update(skew_ms=-2000)
    assert codes(now) == set()

    really = heartbeats.time.time
    monkeypatch.setattr(heartbeats.time, "time", lambda: really() + 10)
    skew = heartbeats.record_heartbeat("worker")

    assert abs(skew.total_seconds() - 10) < 5, "a busy machine may stall between the two clocks"
    assert codes(now) == {"clock_skewed"}
    assert "off the database's" in caplog.text


def test_books_that_differ_or_are_not_checked_are_named(well, now):
    assert codes(now + 13 * MINUTE) >= {"books_unchecked"}

    with connection.cursor() as cursor:
        campaign = make.campaign(days=(0, 30))
        cursor.execute("UPDATE campaigns_campaign SET total_spent_cents = 1")
    reconcile(now=now)

    assert codes(now) == {"books_differ", "campaigns_held"}
    assert "1 campaign is held" in alarms(now=now)[-1].message
    campaign.refresh_from_db()
    assert campaign.held_because == Held.BOOKS


def test_mail_that_is_late_or_given_up_is_named(well, now):
    Mail.objects.create(kind="plain", to_email="a@example.com", due_at=now - 11 * MINUTE)
    Mail.objects.create(kind="plain", to_email="b@example.com", status="dead")

    assert codes(now) == {"mail_late", "mail_dead"}


def test_an_order_that_its_provider_cannot_deliver_is_named(well, request_, now):
    FulfillmentRequest.objects.update(status="needs_attention")

    assert "fulfillment_stopped" in codes(now)


def test_an_order_that_is_not_sent_in_time_is_named(client, well, now):
    order = make.order(make.reward(make.campaign()), by=make.customer())
    at, in_time = Order.objects.filter(pk=order.pk), order.placed_at + 3 * DAY - MINUTE
    late = in_time + MINUTE

    assert "orders_late" not in codes(in_time)
    for status in ("placed", "picked", "packed"):
        at.update(status=status)
        assert "orders_late" in codes(late)
    for status in ("waiting", "shipped", "delivered", "canceled", "refunded"):
        at.update(status=status)
        assert "orders_late" not in codes(late)
    at.update(status="placed", is_missing=True)
    assert "orders_late" in codes(late)
    at.update(is_two_day=True)
    assert "orders_late" not in codes(order.placed_at + DAY - MINUTE)
    assert "orders_late" in codes(order.placed_at + DAY)

    at.update(placed_at=now - 4 * DAY)
    client.force_login(make.operator())
    page = next(alarm.url for alarm in alarms(now=now) if alarm.code == "orders_late")
    assert list(client.get(page).context["cl"].result_list) == [order]


def test_an_order_whose_customer_took_long_to_answer_has_its_time_from_then_on(well, now):
    order = make.order(make.reward(make.campaign()), by=make.customer())
    late = order.placed_at + 5 * DAY
    Substitution.objects.create(
        order=order, original=order.product, substitute=make.product(), offered_at=late, decided_at=late
    )

    assert "orders_late" not in codes(late + 3 * DAY - MINUTE)
    assert "orders_late" in codes(late + 3 * DAY)


def test_a_two_day_order_has_one_day_from_then_on(well, now):
    order = make.order(make.reward(make.campaign()), by=make.customer())
    Order.objects.filter(pk=order.pk).update(is_two_day=True)
    late = order.placed_at + 5 * DAY
    Substitution.objects.create(
        order=order, original=order.product, substitute=make.product(), offered_at=late, decided_at=late
    )

    assert "orders_late" not in codes(late + DAY - MINUTE)
    assert "orders_late" in codes(late + DAY)


def test_an_order_that_waits_for_a_providers_keys_is_named_and_one_that_stopped_is_named_once(well, request_, now):
    late = request_.order.placed_at + 3 * DAY

    assert codes(late) >= {"orders_late"}
    FulfillmentRequest.objects.update(status="needs_attention")
    assert codes(late) >= {"fulfillment_stopped"} and "orders_late" not in codes(late)


def test_monitors_get_codes_and_nothing_else(client, well, now, settings):
    settings.MONITOR_TOKEN = "of-the-monitor"
    monitor = {"Authorization": "Bearer of-the-monitor"}
    answer = client.get("/statusz", headers=monitor)
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "alarms": []})

    hold_campaign(make.campaign(name="Secret plan", days=(0, 30)), because=Held.BRAKE, why="Look.", now=now)

    answer = client.get("/statusz", headers=monitor)
    assert (answer.status_code, answer.json()) == (503, {"ok": False, "alarms": ["campaigns_held"]})


@pytest.mark.parametrize("token", ["", "of-the-monitor"])
def test_who_is_no_monitor_learns_nothing_of_orders_mails_and_campaigns(client, well, request_, now, settings, token):
    """A developer who watches it must not see what happens after a redemption."""
    settings.MONITOR_TOKEN = token
    before = client.get("/statusz")
    FulfillmentRequest.objects.update(status="needs_attention")
    Mail.objects.create(kind="plain", to_email="b@example.com", status="dead")

    for given in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer ü"}):
        answer = client.get("/statusz", headers=given)
        assert (answer.status_code, answer.content) == (before.status_code, before.content)
    Heartbeat.objects.all().delete()
    assert client.get("/statusz").json()["alarms"] == ["beat_silent", "worker_silent"]


def test_operators_are_mailed_once_a_day(well, now):
    Mail.objects.create(kind="plain", to_email="b@example.com", status="dead")

    assert [notify_operators_of_alarms(now=now), notify_operators_of_alarms(now=now + MINUTE)] == [1, 0]
    assert "/admin/outbox/mail/?status=dead" in Mail.objects.get(subject="1 mail was given up.").text
    assert "mail_dead" in codes(now + 24 * 60 * MINUTE)


def test_the_first_page_of_admin_shows_them(client, well, now):
    client.force_login(make.operator())
    assert "Systems are fine" in client.get("/admin/").text

    Heartbeat.objects.all().delete()

    assert "No worker has been heard of" in client.get("/admin/").text
    client.force_login(make.user(is_staff=True))
    assert "heard of" not in client.get("/admin/").text


def test_a_payment_or_a_refund_that_is_not_through_within_an_hour_is_told(well, now):
    order = make.order(make.reward(make.campaign()), by=make.customer())
    whose = {"reward": order.reward, "customer": order.customer, "product": order.product, "begun_at": now}
    OrderPayment.objects.create(**whose, status="refunding", amount_cents=500, currency="USD", ended_at=now)

    assert "refunds_late" not in codes(now)
    assert "refunds_late" in codes(now + dt.timedelta(hours=1))
    OrderPayment.objects.update(status="open")
    assert "payments_late" not in codes(now + dt.timedelta(minutes=59))
    assert "payments_late" in codes(now + dt.timedelta(hours=1))
    OrderPayment.objects.update(status="refunded")
    assert not {"refunds_late", "payments_late"} & codes(now + dt.timedelta(hours=1))


def test_a_silent_scheduler_is_told_of_by_a_worker_once_a_day(now):
    """The other alarms are mailed when the scheduler asks for them, so this one cannot be."""
    heartbeats.record_heartbeat("beat")
    started = now - 10 * MINUTE
    heartbeats.notify_operators_of_silent_scheduler(since=started, now=now)
    later = now + 3 * MINUTE
    heartbeats.notify_operators_of_silent_scheduler(since=later - MINUTE, now=later)
    assert not Mail.objects.exists(), "it was heard of, or has hardly begun"

    for _time in range(3):
        heartbeats.notify_operators_of_silent_scheduler(since=started, now=later)
    notify_operators_of_alarms(now=later)

    assert Mail.objects.filter(subject__contains="scheduler has not been heard of").count() == 1
