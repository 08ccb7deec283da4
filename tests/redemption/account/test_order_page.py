"""Tracking numbers by file, and what the customer reads of them."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from moments.i18n.datetimes import display_date
from outbox.models import Mail
from redemption.models import Order, OrderEvent
from redemption.orders.carriers import tracking_url
from redemption.shipping import picking, substitution, tracking_import, transitions
from tests import make
from tests.redemption.shipping.parcels import sheet, statuses


@pytest.mark.slow
def test_a_file_of_tracking_numbers_is_checked_then_applied_and_again_is_harmless(client, operator, campaign, customer):
    orders = [make.order(make.reward(campaign), by=customer) for _number in range(5)]
    Order.objects.filter(pk=orders[2].pk).update(status="waiting")
    numbers = [order.number for order in orders]
    content = sheet(
        (numbers[0].lower(), "DHL", "JD1"),
        (numbers[1], "", "JD2"),
        (numbers[2], "DHL", "JD3"),
        ("AAAA-BBBB-CCCC", "DHL", "JD4"),
        (numbers[0], "DHL", "JD5"),
        (numbers[3], "DHL", "J" * 81),
        (numbers[4], "UPS", "1Z999"),
    )
    page = reverse("admin:redemption_order_tracking")

    checked = client.post(page, {"file": SimpleUploadedFile("tracking.csv", content)})

    bad = [(number, column) for number, column, _given, _allowed in checked.context["problems"]]
    assert bad == [
        (3, "carrier"),
        (4, "order_number"),
        (5, "order_number"),
        (6, "order_number"),
        (7, "tracking_number"),
    ]
    assert checked.context["good"] == 2 and "2 orders will be shipped" in checked.text
    assert set(statuses()) == {"placed", "waiting"} and Mail.objects.filter(kind="order_shipped").count() == 0

    for _time in range(2):
        client.post(page, {"content": checked.context["checked"].initial["content"]})
    assert statuses() == ["shipped", "placed", "waiting", "placed", "shipped"]
    assert Mail.objects.filter(kind="order_shipped").count() == 2
    assert Order.objects.get(pk=orders[4].pk).tracking_number == "1Z999"
    again = client.post(page, {"file": SimpleUploadedFile("tracking.csv", content)})
    assert again.context["known"] == 2 and again.context["good"] == 0


def test_another_number_for_a_parcel_on_its_way_changes_its_tracking(order, now):
    transitions.ship_order(order, by=make.operator(), carrier="DHL", tracking_number="JD1", now=now)

    (known,) = tracking_import.check_tracking(sheet((order.number, "DHL", "JD1")))
    (other,) = tracking_import.check_tracking(sheet((order.number, "DHL", "JD2")))

    assert known.is_known and not known.line.problems
    assert other.is_to_be_changed and not other.line.problems and not other.is_to_be_shipped
    assert tracking_import.apply_tracking([known, other], by=make.operator(), now=now) == 1
    assert Order.objects.get().tracking_number == "JD2"
    assert Mail.objects.filter(kind="order_shipped").count() == 2


def test_another_number_for_a_delivered_order_is_a_bad_line(order, now):
    transitions.ship_order(order, by=make.operator(), carrier="DHL", tracking_number="JD1", now=now)
    transitions.deliver_order(order, by=make.operator(), now=now)

    (other,) = tracking_import.check_tracking(sheet((order.number, "DHL", "JD2")))

    assert "delivered" in other.line.problems[0][1] and not other.is_to_be_changed
    assert tracking_import.apply_tracking([other], by=make.operator(), now=now) == 0
    assert Order.objects.get().tracking_number == "JD1"


def test_an_order_that_moves_between_the_look_and_the_act_is_left_as_it_is(order, now):
    found = tracking_import.check_tracking(sheet((order.number, "DHL", "JD1")))
    transitions.cancel_order(Order.objects.get(), by=make.operator(), reason="You asked us to.", now=now)

    assert tracking_import.apply_tracking(found, by=make.operator(), now=now) == 0

    assert statuses() == ["canceled"] and found[0].line.problems
    assert Mail.objects.filter(kind="order_shipped").count() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"\xff\xfe",
        b"order_number\nA",
        b"a,b,c\n1,2,3",
        b'order_number,carrier,tracking_number\n"',
        b"x" * 600_000,
    ],
)
def test_a_file_that_is_none_is_answered_with_a_sentence(client, operator, content):
    page = reverse("admin:redemption_order_tracking")

    answer = client.post(page, {"file": SimpleUploadedFile("tracking.csv", content)})

    assert answer.status_code == 200 and "errorlist" in answer.text
    text = content.decode("latin-1").replace("\x00", "")[:500_000]
    assert client.post(page, {"content": text}).status_code == 200


# What the customer reads


@pytest.mark.parametrize(
    ("carrier", "number", "page"),
    [
        ("DHL", "JD0146 0000", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=JD01460000"),
        ("dhl express", "1234567890", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=1234567890"),
        ("U.P.S.", "1Z999AA1", "https://www.ups.com/track?tracknum=1Z999AA1"),
        ("Parcel Post", "PP123456", ""),
        ("", "PP123456", ""),
        ("DHL", "", ""),
        ("DHL", "javascript:alert(1)", ""),
        ("DHL", "12345\n", ""),
        ("DHL", '1234"><script>', ""),
    ],
)
def test_known_carriers_say_where_it_is(carrier, number, page):
    assert tracking_url(carrier, number) == page


def test_the_customer_reads_where_their_order_is(client, order, customer, now):
    operator, page = make.operator(), reverse("redemption:order", args=[order.number])
    client.force_login(customer)
    assert "You ordered it." in client.get(page).text

    picking.pick_order(order, by=operator, now=now)
    text = client.get(page).text
    assert "We are preparing it" in text and "being prepared" in text and ">picked" not in text
    assert "being prepared" in client.get(reverse("redemption:my_rewards")).text

    picking.pack_order(order, by=operator, now=now)
    transitions.ship_order(order, by=operator, carrier="UPS", tracking_number="1Z999AA1", now=now)
    text = client.get(page).text
    there_by = display_date((now + dt.timedelta(days=7)).date())
    assert '<a href="https://www.ups.com/track?tracknum=1Z999AA1" rel="noreferrer">' in text
    assert f"Usually there by {there_by}." in text and "It is on its way." in text
    Order.objects.update(shipped_at=now - dt.timedelta(days=9))
    assert "It should have been there by" in client.get(page).text
    Order.objects.update(is_two_day=True, shipped_at=now)
    assert f"Usually there by {display_date((now + dt.timedelta(days=2)).date())}." in client.get(page).text

    transitions.deliver_order(order, by=operator, now=now)
    text = client.get(page).text
    assert "It has arrived" in text and "Usually there" not in text


def test_what_concerns_operators_alone_is_not_told(client, order, customer, now):
    substitution.report_missing(order, by=make.operator(), now=now)
    substitution.substitute_out_of_stock(now=now)
    client.force_login(customer)

    text = client.get(reverse("redemption:order", args=[order.number])).text

    assert order.history.filter(event=OrderEvent.NO_SUBSTITUTE).exists()
    assert "no substitute found" not in text.lower() and "It was out of stock." in text
