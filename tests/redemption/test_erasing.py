"""A customer's data: downloaded whole, erased for good, forgotten in time."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from axes.models import AccessLog
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.test import Client

from accounts.audit import What, record
from accounts.erasing import NOWHERE
from accounts.models import AuditEntry, Invitation, Look, Member, SignIn, SignInLink, User
from accounts.services import open_request
from campaigns.models import PaymentMethod
from catalog.models import CsvImport
from moments.errors import RuleViolation
from outbox.delivery import deliver_due
from outbox.models import AddressTrouble, Mail
from redemption import handling
from redemption.models import Appeal, Membership, Order, OrderPayment, SavedAddress, StockWish
from redemption.personal import export, registry, retention
from redemption.personal.erasure import ARRIVES_WITHIN, erase_customer
from redemption.saved_addresses import save_address
from redemption.services import place_order
from rewards.models import ClaimTrace, Reward
from rewards.reconcile import find_discrepancies
from rewards.reminders import remind_before_expiry
from rewards.services import claim_reward
from tests import make

HOME = make.Address("Kim Zaphod", "42 Betelgeuse Road", "Quuxville", "OR", "97205", "US", "+1 503 555 0142")
SECRETS = ["kim.zaphod", "Kim Zaphod", "Betelgeuse", "Quuxville", "555 0142", "PARCEL-77"]
# Where a name may stay: what an organization wrote itself, and what the world is told to keep.
MAY_STAY = {"accounts_supportmessage"}


@pytest.fixture
def kim(db):
    return make.user("kim.zaphod@example.com", name="Kim Zaphod")


@pytest.fixture
def life(kim, campaign, now):
    """Something of everything that is known of a customer who is a member of an organization too; its order."""
    Client().post("/accounts/login/", {"login": kim.email, "password": make.PASSWORD})
    order = make.order(make.reward(campaign), by=kim, address=HOME)
    robin = make.operator()
    handling.ship_order(order, by=robin, carrier="Parcel Post", tracking_number="PARCEL-77", now=now)
    order.refresh_from_db()
    handling.deliver_order(order, by=robin, now=now)
    save_address(kim, HOME, now=now)
    claim_reward(make.reward(campaign), customer=kim, now=now)
    Membership.objects.create(user=kim, starts_on=now.date(), ends_on=now.date())
    asked = {"reward": order.reward, "customer": kim, "text": "I, Kim Zaphod, ask you", "opened_at": now}
    Appeal.objects.create(**asked, status="declined", decided_at=now)
    StockWish.objects.create(reward=order.reward, customer=kim, product=order.product, asked_at=now)
    trace = {"campaign": campaign, "customer": kim, "kind": "device", "digest": "0" * 64}
    ClaimTrace.objects.create(**trace, at=now)
    SignIn.objects.create(user=kim, at=now, outcome="succeeded", address="203.0.113.x")
    SignInLink.objects.create(user=kim, email=kim.email, digest="0" * 64, expires_at=now)
    Authenticator.objects.create(user=kim, type="totp", data={"secret": "x"})
    SocialAccount.objects.create(user=kim, provider="sso", uid="77", extra_data={"name": "Kim Zaphod"})
    AddressTrouble.objects.create(email=kim.email, at=now, how="returned", ended_at=now)
    AccessLog.objects.create(username=kim.email, path_info="/", http_accept="", ip_address="203.0.113.9", user_agent="")
    Look.objects.create(by=robin, at=now, reason="They asked", what="order", object_id=str(order.pk), customer=kim)
    owner = make.member()
    member = Member.objects.create(organization=owner.organization, user=kim, role=Member.Role.EDITOR)
    record(owner.organization, What.JOINED, str(member), by=kim, now=now)
    Invitation.objects.create(
        organization=owner.organization, email=kim.email, role="editor", digest="1", expires_at=now, accepted_at=now
    )
    open_request(member, kind="other", subject="A mug", body="Yours, Kim Zaphod", now=now)
    OrderPayment.objects.create(
        reward=order.reward,
        customer=kim,
        product=order.product,
        order=order,
        status="paid",
        amount_cents=450,
        currency="USD",
        begun_at=now,
    )
    return order


def columns_with(text: str) -> set[str]:
    """Tables that hold ``text`` in some column of words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'jsonb')"
        )
        found = set()
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT 1 FROM "{table}" WHERE strpos(lower("{column}"::text), lower(%s)) > 0 LIMIT 1', [text]
            )
            if cursor.fetchone():
                found.add(table)
    return found


def money():
    """Of every ledger and every order, row by row."""
    with connection.cursor() as cursor:
        rows = []
        for table in ("campaigns_budgetentry", "catalog_stockmove", "rewards_rewardday"):
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            rows += cursor.fetchall()
    sums = Order.objects.values_list(
        "number", "product", "item_cents", "tax_cents", "credit_cents", "placed_at", "country"
    )
    return rows, list(sums), list(Reward.objects.values_list("pk", "status", "charge_cents", "claimed_at"))


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


def test_rows_that_are_listed_as_deleted_are_gone_and_the_others_stay(life, kim, now):
    def rows(name):
        label, _dot, column = name.rpartition(".")
        return apps.get_model(label)._default_manager.filter(**{column: kim}).count()

    before = {name: rows(name) for name in registry.PEOPLE}

    erase_customer(kim, now=now)

    after = {name: rows(name) for name in registry.PEOPLE}
    gone = {name for name, kept in registry.PEOPLE.items() if kept.fate == registry.Fate.GONE}
    assert not {name for name in gone if after[name]}
    assert all(before[name] for name in registry.doomed()), "each was there to be deleted"
    assert {name: after[name] for name in after.keys() - gone - {"outbox.Mail.user", "accounts.AuditEntry.by"}} == {
        name: before[name] for name in before.keys() - gone - {"outbox.Mail.user", "accounts.AuditEntry.by"}
    }


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


def test_what_an_erased_customer_claimed_cannot_be_claimed_again(life, kim, customer, now):
    erase_customer(kim, now=now)

    for reward in Reward.objects.filter(customer=kim):
        with pytest.raises(RuleViolation, match="not available"):
            claim_reward(reward, customer=customer, now=now)
    assert Reward.objects.filter(customer=kim).count() == 2


def test_colleagues_see_a_pseudonym_in_the_audit_log(life, kim, now):
    erase_customer(kim, now=now)

    kim.refresh_from_db()
    lines = AuditEntry.objects.filter(by=kim)
    assert {line.what for line in lines} == {"joined", "member_removed"}
    assert all(kim.email in line.about and NOWHERE in line.about for line in lines)
    assert kim.get_full_name().startswith("erased account ") and "zaphod" not in kim.get_full_name()


def test_the_audit_log_lets_nothing_else_pass(member, now):
    record(member.organization, What.JOINED, "ada@example.com (editor)", by=member.user, now=now)
    settings = "SELECT set_config('moments.erased_address', %s, true), set_config('moments.pseudonym', %s, true)"
    updates = {
        ("ada@example.com", "erased-1@erased.invalid"): "UPDATE accounts_auditentry SET about = 'something else'",
        ("ada@example.com", "eve@example.com"): "UPDATE accounts_auditentry SET about = replace(about, 'ada', 'eve')",
        ("", ""): "UPDATE accounts_auditentry SET about = about",
        ("ada@example.com", "erased-2@erased.invalid"): "UPDATE accounts_auditentry SET what = 'exported'",
        ("ada@example.com", "erased-3@erased.invalid"): "DELETE FROM accounts_auditentry",
    }
    for values, sql in updates.items():
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
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

    handling.ship_order(order, by=make.operator(), now=now)
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


# The download


def people_columns():
    """Every column of ours and of our libraries that points at a user, but for rights."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.is_relation and not field.auto_created and field.related_model is User:
                yield f"{model._meta.label}.{field.name}"


def address_columns():
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.EmailField):
                yield f"{model._meta.label}.{field.name}"


def test_every_column_that_points_at_a_person_is_listed_with_what_becomes_of_it():
    assert set(people_columns()) == set(registry.PEOPLE)
    assert set(address_columns()) == set(registry.ADDRESSES)


def test_what_is_listed_is_in_the_download_or_has_a_reason_why_not():
    for name, kept in {**registry.PEOPLE, **registry.ADDRESSES}.items():
        assert (kept.section in export.SECTIONS) if kept.section else kept.why, name


def test_the_download_has_something_in_every_section(life, kim):
    found = export.collect(kim)

    assert [name for name, entries in found.items() if not entries] == []
    order = found["orders"][0]
    assert (order["street"], order["item"], order["number"]) == ("42 Betelgeuse Road", "25.00 USD", life.number)
    assert dt.datetime.fromisoformat(order["placed"]).utcoffset() is not None
    assert found["payments"][0]["amount"] == "4.50 USD"
    assert "Zaphod" not in str(found["looks_of_staff"])


def test_the_download_holds_no_secret_and_nobody_else(life, kim, customer, now):
    make.order(make.reward(life.reward.campaign), by=customer)
    text = str(export.collect(kim))

    digests = [reward.token_digest for reward in Reward.objects.all()]
    assert not [secret for secret in [*digests, kim.password, customer.email, "Harbor"] if secret in text]


# Retention


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
