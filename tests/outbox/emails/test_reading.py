"""Operators read an email that was sent, and send it again."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import DataAccessLog
from moments.errors import RuleViolation
from moments.registry import emails
from outbox.emails import reading
from outbox.kinds import PLAIN, account_kinds
from outbox.models import Mail
from redemption.models import Order
from rewards.issuing.service import issue_and_mail
from tests import make

REASON = {"access_reason": "Ticket 4711"}
KEPT_FROM_STAFF = {"address_check", "account_erased"}


@pytest.fixture
def operator(client, db):
    made = make.operator()
    client.force_login(made)
    return made


@pytest.fixture
def confirmed(reward, customer, now):
    order = make.order(reward, by=customer)
    Mail.objects.update(status="sent", sent_at=now)
    return Mail.objects.get(kind="order_confirmed", context__order=order.pk)


def page(mail, name="read"):
    return reverse(f"admin:outbox_mail_{name}", args=[mail.pk])


def test_every_kind_is_either_shown_to_staff_or_kept_from_them():
    assert set(emails) == reading.READABLE | KEPT_FROM_STAFF
    assert not reading.READABLE & {*KEPT_FROM_STAFF, *account_kinds(), PLAIN}


def test_a_sent_email_is_shown_after_a_reason_and_the_look_is_recorded(client, operator, confirmed):
    number = Order.objects.get().number
    asked = client.get(page(confirmed))
    assert number not in asked.text and client.get(page(confirmed, "read_html")).status_code == 403
    assert DataAccessLog.objects.count() == 0

    client.post(page(confirmed), REASON)
    shown, framed = client.get(page(confirmed)), client.get(page(confirmed, "read_html"))

    assert number in shown.text and number in framed.text
    assert "sandbox" in framed["Content-Security-Policy"]
    assert DataAccessLog.objects.filter(
        object_type="text of an email", object_id=str(confirmed.pk), actor=operator
    ).exists()


def test_no_reward_link_can_be_used_from_there(client, operator, reward, now):
    issued = issue_and_mail(make.ask(reward.campaign, app_user_id="kim"), to_email="kim@example.com", now=now)
    token, mail = issued.url.split("/")[-2], Mail.objects.get(kind="reward_issued")
    client.post(page(mail), REASON)

    for name in ("read", "read_html"):
        answer = client.get(page(mail, name))
        assert answer.status_code == 200 and token not in answer.text


@pytest.mark.parametrize("kind", [*account_kinds(), PLAIN, *sorted(KEPT_FROM_STAFF)])
def test_emails_with_secrets_are_neither_shown_nor_sent_again(client, operator, now, kind):
    mail = Mail.objects.create(kind=kind, to_email="kim@example.com", text="s3cret", html="s3cret", status="sent")
    client.post(page(mail), REASON)

    assert "s3cret" not in client.get(page(mail), follow=True).text
    assert client.get(page(mail, "read_html")).status_code == 404
    client.post(page(mail), {"again": "1"})
    assert Mail.objects.count() == 1


def test_a_sent_email_is_sent_again_once_an_hour_as_a_new_one(client, operator, confirmed):
    before = Mail.objects.count()
    client.post(page(confirmed), REASON)

    for _time in range(2):
        client.post(page(confirmed), {"again": "1"})

    assert Mail.objects.count() == before + 1
    copy = Mail.objects.latest("pk")
    assert (copy.kind, copy.to_email, copy.context) == (confirmed.kind, confirmed.to_email, confirmed.context)
    assert copy.status == "queued" and copy.message_id != confirmed.message_id
    assert LogEntry.objects.filter(change_message__contains=f"mail {copy.pk}", user=operator).count() == 1


@pytest.mark.parametrize("status", ["queued", "sending", "dead", "held"])
def test_an_email_that_was_not_sent_is_not_sent_again(confirmed, now, status):
    Mail.objects.filter(pk=confirmed.pk).update(status=status)
    before = Mail.objects.count()

    with pytest.raises(RuleViolation):
        reading.send_copy(confirmed, now=now)
    assert Mail.objects.count() == before


def test_who_may_only_look_cannot_read_emails(client, confirmed):
    watcher = make.user(is_staff=True)
    watcher.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(watcher)

    assert client.post(page(confirmed), {**REASON, "again": "1"}).status_code == 403
    assert client.get(page(confirmed, "read_html")).status_code == 403
    assert DataAccessLog.objects.count() == 0
