"""Mail: queued in the transaction, sent after it, tried again, never twice at once."""

import datetime as dt
import html
import re
from collections import Counter

import pytest
from django.core.mail import send_mail
from django.db import transaction
from django.test import Client

from console.models import ReportSubscription
from moments import clock
from moments.i18n.datetimes import display_expiry
from moments.models import DemoMark
from moments.registry import emails
from outbox.emails import delivery
from outbox.emails.rendering import render_mail
from outbox.kinds import RECURRING
from outbox.models import Event, Mail
from outbox.service import MOST_AN_HOUR, queue_mail, record_event
from rewards.issuing.service import issue_and_mail, reward_link
from rewards.models import Reward
from tests import make


def queue(now, **fields):
    values = {"to_email": "kim@example.com", "context": {}, "now": now, **fields}
    return queue_mail("plain", **values)


def test_a_mail_goes_over_smtp_with_text_html_and_one_id(sink, reward, now):
    issue_and_mail(make.ask(reward.campaign, app_user_id="kim"), to_email="kim@example.com", now=now)
    mail = Mail.objects.get(kind="reward_issued")

    assert delivery.deliver(mail.pk, now=now)

    (message,) = sink.messages
    assert message["Message-ID"] == f"<{mail.message_id}@testserver>"
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]
    mail.refresh_from_db()
    assert mail.status == "sent" and mail.sent_at
    assert not delivery.deliver(mail.pk, now=now)
    assert len(sink.messages) == 1


def test_no_row_holds_the_rewards_token(reward, now):
    issued = issue_and_mail(make.ask(reward.campaign, app_user_id="kim"), to_email="kim@example.com", now=now)
    token = issued.url.split("/")[-2]

    mail = Mail.objects.get(kind="reward_issued")

    assert token not in str(Mail.objects.filter(pk=mail.pk).values())
    assert token in render_mail(mail).text


def test_what_is_rolled_back_is_not_mailed(db, now):
    with pytest.raises(RuntimeError), transaction.atomic():
        queue(now)
        raise RuntimeError

    assert Mail.objects.count() == 0


def test_once_is_once(db, now, member):
    assert queue(now, dedupe_key="x") and queue(now, dedupe_key="x") is None
    assert record_event(member.organization, "batch.finished", {}, dedupe_key="x", now=now)
    assert record_event(member.organization, "batch.finished", {}, dedupe_key="x", now=now) is None


def test_a_server_that_is_gone_is_left_alone_for_a_while(db, now, settings):
    settings.SMTP_URL = "smtp://127.0.0.1:1"
    mails = [queue(now) for _number in range(3)]

    assert delivery.deliver_due(now=now) == 0
    assert not delivery.deliver(mails[2].pk, now=now)

    assert sorted(Mail.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_a_sweep_ends_and_the_next_goes_on(db, now, settings, monkeypatch):
    settings.DEMO = True
    for _number in range(3):
        queue(now)
    monkeypatch.setattr(delivery, "SWEEP_FOR", dt.timedelta(microseconds=1))

    assert [delivery.deliver_due(now=now) for _sweep in range(4)] == [1, 1, 1, 0]


def test_failures_are_tried_again_later_and_then_given_up(db, now, settings, monkeypatch):
    settings.SMTP_URL = "smtp://127.0.0.1:1"
    mail, at, waits = queue(now), now, []

    for _attempt in range(len(delivery.RETRY_AFTER) + 1):
        delivery.smtp_gone.close()
        assert not delivery.deliver(mail.pk, now=at)
        mail.refresh_from_db()
        waits.append(mail.due_at - at)
        at = mail.due_at

    assert waits[:-1] == delivery.RETRY_AFTER
    assert (mail.status, mail.attempts) == ("dead", 9)
    assert "ConnectionRefusedError" in mail.last_error
    assert delivery.send_again(mail, now=at)


def test_a_mail_that_is_not_due_waits(db, now, settings):
    settings.DEMO = True
    mail = queue(now + dt.timedelta(minutes=5))

    assert not delivery.deliver(mail.pk, now=now)
    assert delivery.deliver_due(now=now) == 0
    assert delivery.deliver_due(now=now + dt.timedelta(minutes=5)) == 1


def test_what_a_dead_worker_left_half_way_is_taken_up(db, now, settings):
    settings.DEMO = True
    mail = queue(now)
    Mail.objects.filter(pk=mail.pk).update(status="sending", claimed_at=now)

    assert delivery.deliver_due(now=now + dt.timedelta(minutes=4)) == 0
    assert delivery.deliver_due(now=now + dt.timedelta(minutes=5)) == 1


def test_a_slow_sweep_does_not_make_its_own_claims_look_stuck(db, now, settings, monkeypatch):
    settings.DEMO = True
    mails = [queue(now) for _number in range(2)]
    claims = []

    def slow(mail):
        claims.append(mail.claimed_at)
        monkeypatch.setattr(delivery.clock, "now", lambda: now + dt.timedelta(seconds=40))

    monkeypatch.setattr(delivery.clock, "now", lambda: now)
    monkeypatch.setattr(delivery, "send", slow)

    assert delivery.deliver_due(now=now) == len(mails)
    assert claims == [now, now + dt.timedelta(seconds=40)]


def test_without_anywhere_to_send_to_mail_waits_unharmed(db, now):
    mail = queue(now)

    delivery.deliver(mail.pk, now=now)

    mail.refresh_from_db()
    assert (mail.status, mail.attempts, mail.last_error) == ("queued", 0, "SMTP_URL is not set.")


def test_headers_cannot_be_injected_through_a_subject(db):
    send_mail("Hello\r\nBcc: everybody@example.com", "text", None, ["kim@example.com"])

    assert Mail.objects.get().subject == "Hello Bcc: everybody@example.com"


@pytest.mark.parametrize("path", ["/accounts/password/reset/", "/accounts/signup/", "/accounts/link/"])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_typed_address_gets_five_mails_an_hour_of_a_kind(client, customer, now, path, is_known, settings):
    settings.ACCOUNT_RATE_LIMITS = False  # its own, by place and address
    email = customer.email if is_known else "new@example.com"
    form = {"name": "Kim", "email": email, "login": email, "password1": "correct horse battery staple"}

    answers = {client.post(path, form).status_code for _time in range(8)}

    assert answers == {302}
    sent = Mail.objects.filter(to_email=email)
    assert max(Counter(sent.values_list("kind", flat=True)).values()) == MOST_AN_HOUR
    sent.update(created_at=now - dt.timedelta(hours=1))
    client.post(path, form)
    assert sent.filter(created_at__gte=now).count() == 1


@pytest.mark.slow
def test_every_kind_of_mail_reads_well(one_of_each, notified_of_gaps):
    mails = {mail.kind: mail for mail in Mail.objects.exclude(kind="plain")}

    assert set(mails) == set(emails)
    for kind, mail in mails.items():
        rendered = render_mail(mail)
        assert rendered.subject and "\n" not in rendered.subject, kind
        assert 'lang="en"' in rendered.html and "{{" not in rendered.html + rendered.text, kind
        assert "NOTHING" not in rendered.subject + rendered.text + rendered.html, kind
        assert "None" not in rendered.text and "&" not in rendered.subject, kind
        assert "http://testserver/" in rendered.text, kind
        for part in (rendered.text, rendered.html):
            assert "operators@localhost" in part and "You " in part and "Sent by Moments" in part, kind
        assert rendered.html.count('class="button"') == 1, kind
        assert set(links_of(rendered.html)) <= set(links_of(rendered.text)) | {"operators@localhost"}, kind
    assert reward_link(one_of_each) in render_mail(mails["reward_issued"]).text
    assert "Parcel Post PP1" in render_mail(mails["order_shipped"]).text
    assert "Marble run" in render_mail(mails["order_substitution"]).text


def links_of(part):
    """Where a person can go from it: addresses of pages and of people."""
    return re.findall(r"(?<=mailto:)[^\"]+|(?<=href=\")http[^\"]+|(?<=\s)http\S+|help@example.com", html.unescape(part))


@pytest.mark.slow
def test_no_subject_holds_a_rewards_token_and_contacts_stand_in_order(one_of_each):
    token = reward_link(one_of_each).split("/")[-2]
    rendered = {mail.kind: render_mail(mail) for mail in Mail.objects.all()}
    issued, shipped = rendered["reward_issued"].text, rendered["order_shipped"].text

    assert token in issued
    assert not [mail.subject for mail in rendered.values() if token in mail.subject]
    assert issued.index("help@example.com") < issued.index("operators@localhost")
    assert shipped.index("operators@localhost") < shipped.index("help@example.com")


def test_page_and_mail_tell_the_same_worth_and_expiry(client, reward, now):
    queue_mail("reward_issued", to_email="kim@example.com", context={"reward": str(reward.pk)}, now=now)
    mail = render_mail(Mail.objects.get(kind="reward_issued"))
    page = client.get(client.get(reward_link(reward).removeprefix("http://testserver"))["Location"]).text
    campaign = reward.campaign
    expires = display_expiry(campaign.rewards_expire_at, campaign.time_zone)

    assert all(expires in shown for shown in (page, mail.text, mail.html))
    assert all("$25.00" in shown for shown in (mail.text, mail.html))


def test_reminders_alone_can_be_ended_in_the_mail_program(sink, reward, now):
    for kind in ("reward_expiring", "reward_issued"):
        mail = queue_mail(kind, to_email="kim@example.com", context={"reward": str(reward.pk)}, now=now)
        assert delivery.deliver(mail.pk, now=now)

    issued, reminder = sorted(sink.messages, key=lambda message: "List-Unsubscribe" in message)
    assert re.fullmatch(r"<http://testserver/reminders/\S+/stop/>", reminder["List-Unsubscribe"].strip())
    assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in issued
    assert {message["Reply-To"] for message in sink.messages} == {"operators@localhost"}


@pytest.mark.parametrize("path", ["/accounts/password/reset/", "/accounts/signup/"])
def test_mails_of_the_account_wear_the_same_frame(client, customer, path, settings):
    settings.POSTAL_ADDRESS = "Northlight Ltd, 1 Harbor Street, Portland"
    form = {"name": "Kim", "password1": "correct horse battery staple"}
    for email in ("new@example.com", customer.email):
        client.post(path, {**form, "email": email})

    mails = Mail.objects.order_by("id")
    assert len({mail.kind for mail in mails}) == 2 and "plain" not in {mail.kind for mail in mails}
    for mail in mails:
        rendered = render_mail(mail)
        assert rendered.html.count('class="button"') == 1 and 'lang="en"' in rendered.html
        assert all(settings.POSTAL_ADDRESS in part for part in (rendered.text, rendered.html))
        assert set(links_of(rendered.html)) <= set(links_of(rendered.text)) | {"operators@localhost"}


@pytest.mark.slow
def test_the_mailbox_is_the_demos_alone(client, one_of_each, settings):
    assert client.get("/mailbox/").status_code == 404

    settings.DEMO = True
    assert client.get("/mailbox/").status_code == 404  # in a database that the demo has not used
    settings.BASE_URL = "http://localhost:8000"
    DemoMark.objects.create(marked_at=clock.now())
    mail = Mail.objects.get(kind="reward_issued")
    assert "a reward for you" in client.get("/mailbox/", {"to": mail.to_email}).text
    assert client.get(f"/mailbox/{mail.pk}/").status_code == 200
    frame = client.get(f"/mailbox/{mail.pk}/html")
    assert (
        frame["Content-Security-Policy"].startswith("default-src 'none'")
        and "sandbox" in frame["Content-Security-Policy"]
    )
    assert frame["X-Frame-Options"] == "SAMEORIGIN"


def test_a_plain_mail_is_framed_and_escaped(db):
    send_mail("Hello", "<b>Look</b> at https://example.com/x", None, ["kim@example.com"])

    framed = render_mail(Mail.objects.get()).html

    assert "&lt;b&gt;" in framed and 'href="https://example.com/x"' in framed


def test_a_kind_that_is_not_registered_cannot_be_queued(reward, now):
    with pytest.raises(ValueError, match="order_shiped"):
        queue_mail("order_shiped", to_email="kim@example.com", context={}, now=now)
    with pytest.raises(ValueError, match="reward.isued"):
        record_event(reward.organization, "reward.isued", {}, now=now)

    assert not Mail.objects.filter(kind="order_shiped").exists()
    assert not Event.objects.filter(type="reward.isued").exists()


@pytest.mark.slow
def test_every_recurring_email_is_ended_by_the_mail_programs_own_button(one_of_each):
    """RFC 8058: a POST from the provider, with no cookie and no form of ours."""
    for kind in RECURRING:
        rendered = render_mail(Mail.objects.filter(kind=kind)[0])
        assert rendered.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", kind
        path = "/" + rendered.headers["List-Unsubscribe"].strip("<>").split("/", 3)[3]
        provider = Client(enforce_csrf_checks=True)

        answer = provider.post(path, {"List-Unsubscribe": "One-Click"})

        assert answer.status_code == 200, kind
    assert not ReportSubscription.objects.exists()
    assert Reward.objects.exclude(reminders_stopped_at=None).exists()
