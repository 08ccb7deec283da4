"""What is forgotten in time, and what is kept."""

import datetime as dt

from allauth.usersessions.models import UserSession
from axes.models import AccessLog
from django.core.management import call_command

from accounts.models import SignIn, User
from catalog.models import CsvImport
from operations import retention
from outbox.models import Mail
from redemption.models import Appeal
from rewards.models import Reward
from tests import make


def test_addresses_of_old_orders_are_forgotten_and_nothing_else_of_them(life, now):
    later = now + dt.timedelta(days=180)
    assert retention.forget_old_data(now=later - dt.timedelta(minutes=1))["addresses"] == 0

    assert retention.forget_old_data(now=later + dt.timedelta(minutes=1))["addresses"] == 1

    life.refresh_from_db()
    assert (life.recipient, life.street, life.postal_code, life.tracking_number) == ("", "", "", "")
    assert (life.country, life.item_cents, life.status) == ("US", 2500, "delivered")
    assert retention.forget_old_data(now=later + dt.timedelta(days=1))["addresses"] == 0


def test_an_order_that_is_not_done_keeps_its_address_however_old(reward, customer, now):
    order = make.order(reward, by=customer)

    retention.forget_old_data(now=now + dt.timedelta(days=400))

    order.refresh_from_db()
    assert order.street == "1 Harbor Street" and order.forgotten_at is None


def test_mails_are_forgotten_after_ninety_days_but_those_that_wait(life, kim, now):
    Mail.objects.filter(kind="order_shipped").update(status="sent", sent_at=now)
    waiting = Mail.objects.get(kind="order_confirmed")

    assert retention.forget_old_data(now=now + dt.timedelta(days=91))["mails"] == 1

    forgotten = Mail.objects.get(kind="order_shipped")
    assert (forgotten.to_email, forgotten.context, forgotten.sent_at) == ("", {}, now)
    waiting.refresh_from_db()
    assert waiting.to_email == kim.email


def test_answered_appeals_go_and_open_ones_stay(life, kim, now):
    waiting = Appeal.objects.create(reward=Reward.objects.last(), customer=kim, text="And this one?", opened_at=now)

    assert retention.forget_old_data(now=now + dt.timedelta(days=91))["appeals"] == 1

    assert list(Appeal.objects.all()) == [waiting]


def test_files_that_operators_left_are_forgotten_after_a_week(db, now):
    left = {"kind": "memberships", "file_name": "m.csv", "content": b"email\nkim@example.com\n", "sha256": "0"}
    CsvImport.objects.create(**left, uploaded_at=now)
    CsvImport.objects.create(**left, uploaded_at=now, applied_at=now)

    assert retention.forget_old_data(now=now + dt.timedelta(days=6))["imports"] == 0
    assert retention.forget_old_data(now=now + dt.timedelta(days=8))["imports"] == 1

    assert CsvImport.objects.get().applied_at == now


def test_sign_ins_and_sessions_are_forgotten(life, kim, now, settings):
    assert retention.forget_old_data(now=now)["sign-ins"] == 0

    done = retention.forget_old_data(now=now + dt.timedelta(days=91))

    assert done["sign-ins"] >= 3 and done["sessions"] >= 2
    assert not (SignIn.objects.exists() or AccessLog.objects.exists() or UserSession.objects.exists())


def test_accounts_that_nobody_confirmed_go_and_others_stay(client, kim, now):
    client.post("/accounts/signup/", {"name": "Max", "email": "max@example.com", "password1": make.PASSWORD})
    idle = make.user()
    User.objects.update(joined_at=now)

    assert retention.forget_old_data(now=now + dt.timedelta(days=29))["unconfirmed accounts"] == 0
    retention.forget_old_data(now=now + dt.timedelta(days=31))

    assert set(User.objects.all()) == {kim, idle}


def test_the_command_says_what_was_forgotten(life, capsys, now):
    call_command("forget_old_data", now=(now + dt.timedelta(days=400)).isoformat())

    assert "addresses 1, appeals 1" in capsys.readouterr().out
