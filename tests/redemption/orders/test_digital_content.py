"""Gift codes and links: sealed in the row, in no mail, in no log, on no page but their customer's."""

import dataclasses
import json

import pytest
from django.core import serializers
from django.db import connection
from django.urls import reverse

from outbox.emails.rendering import render_mail
from outbox.models import Mail
from redemption.models import Order
from redemption.orders.digital_content import content_of
from redemption.shipping import transitions
from tests import make

CODE = "FILM-1234-SECRET"


@pytest.fixture
def delivered(customer, now):
    film = make.product(1200, kind="digital")
    order = make.order(make.reward(make.campaign(products=[film], cpa_cents=1320)), by=customer)
    transitions.ship_order(order, by=make.operator(), digital_content=CODE, now=now)
    return order


def test_the_row_does_not_hold_the_code(delivered):
    assert CODE not in serializers.serialize("json", Order.objects.all())
    assert content_of(Order.objects.get()) == CODE
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM redemption_order")
        assert CODE not in json.dumps(cursor.fetchall(), default=str)


def test_what_has_no_parcel_goes_nowhere(client, customer):
    film = make.product(1200, kind="digital")
    nowhere = dataclasses.replace(make.PORTLAND, street="", city="", postal_code="")
    reward = make.reward(make.campaign(products=[film], cpa_cents=1320))
    order = make.order(reward, by=customer, address=nowhere)
    client.force_login(customer)

    shown = render_mail(Mail.objects.get(kind="order_confirmed"))
    text = client.get(reverse("redemption:order", args=[order.number])).text

    assert "It goes to" not in shown.text + shown.html + text
    assert "It is for" in text


def test_neither_a_kept_mail_nor_a_sent_one_holds_it(delivered):
    mail = Mail.objects.get(kind="order_shipped")
    sent = render_mail(mail)

    assert CODE not in serializers.serialize("json", Mail.objects.all())
    assert CODE not in sent.subject + sent.text + sent.html
    assert reverse("redemption:order", args=[delivered.number]) in sent.text


def test_its_customer_reads_it_and_an_operator_does_not(client, delivered, customer):
    client.force_login(customer)
    assert CODE in client.get(reverse("redemption:order", args=[delivered.number])).text

    client.force_login(make.operator())
    address = reverse("admin:redemption_order_change", args=[delivered.pk])
    page = client.post(address, {"access_reason": "They asked us."}, follow=True).text
    assert delivered.recipient in page
    assert CODE not in page and delivered.encrypted_content not in page
    assert client.get(reverse("redemption:order", args=[delivered.number])).status_code == 404


def test_a_code_copied_into_another_order_does_not_open(client, delivered, customer, now, caplog):
    other = make.order(make.reward(delivered.reward.campaign), by=customer)
    Order.objects.filter(pk=other.pk).update(status="shipped", encrypted_content=delivered.encrypted_content)
    client.force_login(customer)

    answer = client.get(reverse("redemption:order", args=[other.number]))

    assert answer.status_code == 200 and CODE not in answer.text
    assert "operators@localhost" in answer.text
    assert CODE not in caplog.text and other.number in caplog.text
