"""What goes on about somebody who was erased meanwhile: rows as they were read before, forms in another tab."""

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Member, Organization, SignIn, User
from accounts.organizations import service as organizations
from accounts.sign_in import sign_in_links
from accounts.sign_in.adapter import AccountAdapter
from campaigns.billing import cards
from moments.errors import RuleViolation
from outbox.emails.suppression import propose_address, suppress_address
from outbox.models import EmailSuppression, Mail
from outbox.service import queue_mail
from redemption.account.membership_import import MembershipSheet
from redemption.choosing.stock_alerts import create_stock_alert
from redemption.models import BackInStockAlert, Membership
from redemption.privacy import registry
from redemption.privacy.erasure import erase_customer
from rewards.claims.service import claim_reward
from rewards.models import Reward
from tests import make
from tests.redemption.privacy.customer_lifecycles import columns_with

TRIGGERS = """
SELECT tgrelid::regclass::text, convert_from(substring(tgargs FOR octet_length(tgargs) - 1), 'UTF8')
FROM pg_trigger WHERE tgname = 'refuse_erased'
"""


@pytest.fixture
def gone(kim, now) -> User:
    """Kim as read before the erasure."""
    stale = User.objects.get(pk=kim.pk)
    erase_customer(kim, now=now)
    Mail.objects.all().delete()
    return stale


def refused(act) -> str:
    with pytest.raises(RuleViolation) as caught:
        act()
    assert columns_with("kim.zaphod") == set()
    return caught.value.code


def test_every_table_that_is_emptied_takes_no_row_of_somebody_erased(db):
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS)
        guarded = set(cursor.fetchall())

    def column(name):
        label, _dot, field = name.rpartition(".")
        model = apps.get_model(label)
        return model._meta.db_table, model._meta.get_field(field).column

    assert guarded == {column(name) for name in registry.columns_to_delete()}


def test_the_database_refuses_what_no_rule_looked_at(gone, now):
    for row in (EmailAddress(user=gone, email=gone.email), SignIn(user=gone, occurred_at=now, outcome="failed")):
        with pytest.raises(DatabaseError, match="was erased"), transaction.atomic():
            row.save()


def test_who_was_read_before_does_not_come_back_when_saved(gone):
    gone.set_password(make.PASSWORD)
    gone.save()
    User.objects.filter(pk=gone.pk).update(email=gone.email, name="Kim Zaphod", is_active=True)

    after = User.objects.get(pk=gone.pk)
    assert (after.name, after.is_active, after.has_usable_password()) == ("", False, False)
    assert columns_with("zaphod") == set()


def test_no_mail_is_queued_for_who_was_read_before(gone, now):
    asked = {"to_email": gone.email, "user": gone, "context": {}, "now": now}

    assert queue_mail("reward_expiring", **asked) is None
    assert not Mail.objects.exists()


def test_nothing_is_claimed_or_wished_for(kim, now):
    gone_product = make.product(stock_units=0)
    campaign = make.campaign(products=[gone_product])
    mine, free = make.reward(campaign, claimed_by=kim), make.reward(campaign)
    erase_customer(kim, now=now)
    Mail.objects.all().delete()

    assert refused(lambda: claim_reward(free, customer=kim, now=now)) == "erased"
    assert refused(lambda: create_stock_alert(mine, gone_product, now=now)) == "erased"
    assert Reward.objects.get(pk=free.pk).customer is None and not BackInStockAlert.objects.exists()


def test_nobody_erased_joins_or_pays_for_an_organization_or_becomes_a_member_of_ours(gone, member, now, stripe):
    _invitation, secret = organizations.invite_member(member, email="kim.zaphod@example.com", role="editor", now=now)
    theirs = Member(organization=member.organization, user=gone, role="owner")
    dates = {"user": gone, "starts_on": now.date(), "ends_on": now.date()}
    before = Organization.objects.count()

    def code(act) -> str:
        with pytest.raises(RuleViolation) as caught:
            act()
        return caught.value.code

    acts = [
        lambda: organizations.accept_invitation(secret, user=gone, now=now),
        lambda: organizations.register_organization(gone, name="Zaphod's", country="US", now=now),
        lambda: cards.begin_card(theirs),
        lambda: MembershipSheet([], now)._grant(dates),
    ]
    assert [code(act) for act in acts] == ["erased"] * 4
    assert Organization.objects.count() == before and not Membership.objects.exists()
    assert not Member.objects.filter(user=gone).exists()


def test_an_owner_who_comes_too_late_writes_no_address_into_the_audit_log(kim, member, now):
    theirs = Member.objects.create(organization=member.organization, user=kim, role=Member.Role.EDITOR)
    stale = Member.objects.select_related("user", "organization").get(pk=theirs.pk)
    erase_customer(kim, now=now)
    Mail.objects.all().delete()

    assert refused(lambda: organizations.change_role(stale, role="analyst", by=member)) == "conflict"
    assert refused(lambda: organizations.remove_member(stale, by=member)) == "conflict"


def test_an_address_is_not_marked_when_its_mail_is_forgotten_meanwhile(kim, now):
    mail = queue_mail("reward_expiring", to_email=kim.email, user=kim, context={}, now=now)
    Mail.objects.filter(pk=mail.pk).update(status="sending")
    trouble = EmailSuppression(email=kim.email)
    stale = Mail.objects.get(pk=mail.pk)
    erase_customer(kim, now=now)
    Mail.objects.filter(kind="account_erased").delete()

    assert suppress_address(stale, method="refused", status="5.1.1", why="No such user", now=now) is None
    proposal = {"by": make.operator(), "why": "They called", "now": now}
    assert refused(lambda: propose_address(trouble, "kim@example.org", **proposal)) == "no_user"
    assert not EmailSuppression.objects.exists()


@pytest.mark.parametrize("step", ["login", "post_login"])
def test_a_sign_in_that_was_under_way_comes_to_nothing(kim, now, monkeypatch, step):
    go_on = getattr(AccountAdapter, step)

    def erased_just_before(self, request, user, **more):
        erase_customer(user, now=now)
        return go_on(self, request, user, **more)

    monkeypatch.setattr(AccountAdapter, step, erased_just_before)
    browser = Client()

    answer = browser.post("/accounts/login/", {"login": kim.email, "password": make.PASSWORD}, follow=True)

    assert answer.redirect_chain == [("/accounts/login/", 302)] and "This account was erased." in answer.text
    assert browser.get("/my/rewards/").status_code == 302
    Mail.objects.all().delete()
    assert columns_with("kim.zaphod") == set()
    assert not (UserSession.objects.exists() or SignIn.objects.exists())
    assert not [row for row in Session.objects.all() if "_auth_user_id" in row.get_decoded()]


def test_an_address_is_forgotten_however_it_was_typed_at_the_door(kim, now):
    for password in ("wrong", make.PASSWORD):
        Client().post("/accounts/login/", {"login": "Kim.Zaphod@Example.com", "password": password})
    assert columns_with("kim.zaphod") >= {"axes_accesslog", "accounts_user"}

    erase_customer(kim, now=now)

    Mail.objects.all().delete()
    assert columns_with("kim.zaphod") == set()


def test_a_link_is_mailed_as_to_a_stranger(gone, now, monkeypatch):
    monkeypatch.setattr(sign_in_links, "owner_of", lambda _email: gone)

    link, _secret = sign_in_links.make_link(gone.email, then="", now=now)

    assert (link.user, link.email) == (None, "")


def test_an_operator_makes_nobody_erased_a_member(client, gone, now):
    client.force_login(make.operator())
    dates = {"starts_on": "2026-01-01", "ends_on": "2027-01-01", "granted_at_0": "2026-01-01", "granted_at_1": "00:00"}

    answer = client.post(reverse("admin:redemption_membership_add"), {"user": gone.pk, **dates})

    assert answer.status_code == 200 and "errorlist" in answer.text
    assert not Membership.objects.exists()
