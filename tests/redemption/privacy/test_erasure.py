"""A customer's data, erased for good."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.models import AuditEntry, Member, User
from accounts.organizations.audit import AuditEvent, record
from accounts.privacy.erasure import NOWHERE
from campaigns.models import PaymentMethod
from moments.errors import RuleViolation
from outbox.emails.delivery import deliver_due
from outbox.models import Mail
from redemption.addresses.saved import save_address
from redemption.checkout.place_order import place_order
from redemption.models import Order, OrderPayment, SavedAddress
from redemption.privacy import registry
from redemption.privacy.erasure import ARRIVES_WITHIN, erase_customer
from redemption.shipping import transitions
from rewards.claims.service import claim_reward
from rewards.issuing.reminders import remind_before_expiry
from rewards.ledger.reconciliation import find_discrepancies
from rewards.models import PointEventEmail, PointExchange, Reward
from rewards.points.settlement import settle_due
from tests import make
from tests.harness.owner import owner
from tests.redemption.privacy.customer_lifecycles import HOME, MAY_STAY, SECRETS, columns_with


def money():
    """Of every ledger and every order, row by row."""
    with connection.cursor() as cursor:
        rows = []
        for table in ("campaigns_budgetentry", "catalog_stockmove", "rewards_dailyrewardtotals"):
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            rows += cursor.fetchall()
    sums = Order.objects.values_list(
        "number", "product", "item_cents", "tax_cents", "credit_cents", "placed_at", "country"
    )
    return rows, list(sums), list(Reward.objects.values_list("pk", "status", "charge_cents", "claimed_at"))


@pytest.mark.slow
def test_nothing_says_who_an_erased_customer_was_and_the_ledger_is_the_same_to_the_cent(life, kim, now):
    before = money()
    assert all(columns_with(text) for text in SECRETS), "the search finds what is there"
    assert find_discrepancies() == []

    erase_customer(kim, now=now)
    deliver_due(now=now)

    left = {text: columns_with(text) - MAY_STAY for text in SECRETS}
    assert left == {**dict.fromkeys(SECRETS, set()), "kim.zaphod": {"outbox_mail"}}, "the last mail waits to be sent"
    assert money() == before
    assert find_discrepancies() == []
    Mail.objects.filter(to_email=kim.email).get()


def test_the_last_mail_forgets_its_address_once_it_is_sent(life, kim, now, settings):
    erase_customer(kim, now=now)
    settings.DEMO = True

    assert deliver_due(now=now) >= 1

    sent = Mail.objects.get(kind="account_erased")
    assert (sent.status, sent.to_email, sent.user) == ("sent", "", None)
    assert columns_with("kim.zaphod") == set()


@pytest.mark.parametrize("status", ["queued", "sending", "sent"])
def test_an_email_to_the_address_in_another_letter_case_is_theirs_too(kim, now, status):
    """As a developer wrote it, who asked us to send a reward URL."""
    Mail.objects.create(kind="plain", to_email=kim.email.title(), subject="Yours", status=status)

    erase_customer(kim, now=now)

    assert not Mail.objects.filter(to_email=kim.email.title()).exists()


def test_rows_that_are_listed_as_deleted_are_gone_and_the_others_stay(life, kim, now):
    def rows(name):
        label, _dot, column = name.rpartition(".")
        return apps.get_model(label)._default_manager.filter(**{column: kim}).count()

    before = {name: rows(name) for name in registry.PEOPLE}

    erase_customer(kim, now=now)

    after = {name: rows(name) for name in registry.PEOPLE}
    gone = {name for name, kept in registry.PEOPLE.items() if kept.policy == registry.ErasurePolicy.DELETE}
    assert not {name for name in gone if after[name]}
    assert all(before[name] for name in registry.columns_to_delete()), "each was there to be deleted"
    assert {name: after[name] for name in after.keys() - gone - {"outbox.Mail.user", "accounts.AuditEntry.actor"}} == {
        name: before[name] for name in before.keys() - gone - {"outbox.Mail.user", "accounts.AuditEntry.actor"}
    }


@pytest.mark.slow
def test_an_erased_customer_is_gone_from_every_door_and_the_address_is_free(life, kim, now):
    browser = Client()
    browser.force_login(kim)
    assert browser.get("/my/rewards/").status_code == 200

    erase_customer(kim, now=now)

    assert browser.get("/my/rewards/").status_code == 302, "its session has ended"
    again = Client()
    again.post("/accounts/login/", {"login": "kim.zaphod@example.com", "password": make.PASSWORD})
    assert again.get("/my/rewards/").status_code == 302
    new = {"name": "Kim", "email": "kim.zaphod@example.com", "password1": make.PASSWORD}
    again.post("/accounts/signup/", new)
    reborn = User.objects.get(email="kim.zaphod@example.com")
    assert (reborn.pk == kim.pk, reborn.rewards.count(), reborn.orders.count()) == (False, 0, 0)


def test_an_exchange_of_points_emails_nobody_who_was_erased(life, kim, now):
    assert PointEventEmail.objects.get().email == kim.email

    erase_customer(kim, now=now)

    assert not PointEventEmail.objects.exists()
    settle_due(now=now + dt.timedelta(days=5))
    assert PointExchange.objects.count() == 1 and not Mail.objects.filter(kind="points_exchanged").exists()


def test_what_an_erased_customer_claimed_cannot_be_claimed_again(life, kim, customer, now):
    erase_customer(kim, now=now)

    for reward in Reward.objects.filter(customer=kim):
        with pytest.raises(RuleViolation, match="not available"):
            claim_reward(reward, customer=customer, now=now)
    assert Reward.objects.filter(customer=kim).count() == 2


def test_colleagues_see_a_pseudonym_in_the_audit_log(life, kim, now):
    erase_customer(kim, now=now)

    kim.refresh_from_db()
    lines = AuditEntry.objects.filter(actor=kim)
    assert {line.event for line in lines} == {"joined", "member_removed"}
    assert all(kim.email in line.about and NOWHERE in line.about for line in lines)
    assert kim.get_full_name().startswith("erased account ") and "zaphod" not in kim.get_full_name()


def test_addresses_that_hold_the_erased_one_stay_in_the_logs(member, now):
    im, staff = make.user("im+a_b@example.co", name="Im"), make.operator()
    others = [
        "kim+a_b@example.co",
        "im+a_b@example.com",
        "im+a_b@example.co.uk",
        "im+aab@example.co",
        "x.im+a_b@example.co",
    ]
    for address in (*others, im.email):
        record(member.organization, AuditEvent.JOINED, f"{address} (editor)", by=None, now=now)
        LogEntry.objects.create(user=staff, action_flag=2, object_repr=f"user {address}.")

    erase_customer(im, now=now)

    im.refresh_from_db()
    left = [*others, im.email]
    about = (
        AuditEntry.objects.filter(event=AuditEvent.JOINED, actor=None).order_by("pk").values_list("about", flat=True)
    )
    assert list(about) == [f"{address} (editor)" for address in left]
    names = list(LogEntry.objects.order_by("pk").values_list("object_repr", flat=True))
    assert names == [*(f"user {address}." for address in others), im.email]


def test_the_audit_log_lets_nothing_else_pass(member, now):
    record(member.organization, AuditEvent.JOINED, "ada@example.com (editor)", by=member.user, now=now)
    settings = "SELECT set_config('moments.erased_address', %s, true), set_config('moments.pseudonym', %s, true)"
    updates = {
        ("ada@example.com", "erased-1@erased.invalid"): "UPDATE accounts_auditentry SET about = 'something else'",
        ("ada@example.com", "eve@example.com"): "UPDATE accounts_auditentry SET about = replace(about, 'ada', 'eve')",
        ("", ""): "UPDATE accounts_auditentry SET about = about",
        ("ada@example.com", "erased-2@erased.invalid"): "UPDATE accounts_auditentry SET event = 'exported'",
        ("da@example.com", "erased-4@erased.invalid"): (
            "UPDATE accounts_auditentry SET about = replace(about, 'da@example.com', 'erased-4@erased.invalid')"
        ),
        ("ada@example.com", "erased-3@erased.invalid"): "DELETE FROM accounts_auditentry",
    }
    for values, sql in updates.items():
        with owner() as cursor, pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(settings, values)
            cursor.execute(sql)


def test_erasing_twice_is_erasing_once(life, kim, now):
    erase_customer(kim, now=now)
    pseudonym = User.objects.get(pk=kim.pk).email

    erase_customer(kim, now=now)

    assert User.objects.get(pk=kim.pk).email == pseudonym
    assert Mail.objects.filter(kind="account_erased").count() == 1


def refusal_of(user, now) -> RuleViolation:
    with pytest.raises(RuleViolation) as refused:
        erase_customer(user, now=now)
    user.refresh_from_db()
    assert user.erased_at is None and not user.email.endswith(NOWHERE)
    assert EmailAddress.objects.filter(user=user).exists()
    assert not Mail.objects.filter(kind="account_erased").exists()
    return refused.value


def test_an_order_under_way_comes_first(reward, customer, now):
    order = make.order(reward, by=customer)
    refused = refusal_of(customer, now)
    assert refused.code == "order_under_way" and order.number in refused.message

    transitions.ship_order(order, by=make.operator(), now=now)
    assert refusal_of(customer, now).code == "order_under_way"

    erase_customer(customer, now=now + ARRIVES_WITHIN + dt.timedelta(days=1))
    order.refresh_from_db()
    assert (order.recipient, order.street, order.country, order.status) == ("", "", "US", "shipped")


def test_money_that_is_under_way_arrives_first(reward, customer, now):
    begun = {"amount_cents": 450, "currency": "USD", "begun_at": now, "product": reward.group.choices.first().product}
    payment = OrderPayment.objects.create(reward=reward, customer=customer, **begun)

    assert refusal_of(customer, now).code == "payment_under_way"

    OrderPayment.objects.filter(pk=payment.pk).update(status="ended", ended_at=now)
    erase_customer(customer, now=now)
    assert OrderPayment.objects.get().customer.email.endswith(NOWHERE)


def test_the_last_owner_hands_over_first(member, now):
    refused = refusal_of(member.user, now)
    assert refused.code == "last_owner" and str(member.organization) in refused.message

    make.member(organization=member.organization)
    erase_customer(member.user, now=now)
    assert not Member.objects.filter(pk=member.pk).exists()


def test_who_owns_the_billing_hands_it_over_first(member, now):
    make.member(organization=member.organization)
    PaymentMethod.objects.create(organization=member.organization, owner=member.user)

    assert refusal_of(member.user, now).code == "owns_billing"


def test_an_operator_is_not_erased_by_a_click(db, now):
    assert refusal_of(make.operator(), now).code == "operator"


def test_nothing_is_ordered_kept_or_mailed_for_somebody_erased(reward, kim, now):
    claim_reward(reward, customer=kim, now=now)
    stale = User.objects.get(pk=kim.pk)
    erase_customer(kim, now=now)
    Mail.objects.all().delete()
    product = reward.group.choices.first().product

    for act in (
        lambda: place_order(reward, customer=stale, product=product, address=HOME, now=now),
        lambda: save_address(stale, HOME, now=now),
    ):
        with pytest.raises(RuleViolation, match="erased"):
            act()
    remind_before_expiry(now=reward.campaign.rewards_expire_at - dt.timedelta(days=1))
    assert not (Order.objects.exists() or SavedAddress.objects.exists() or Mail.objects.exists())
