"""Mail that does not arrive: what servers say at once or later, whom it marks, and how it is mended."""

import datetime as dt
import io
import smtplib

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command

from outbox.emails import delivery
from outbox.emails.bounces import MOST_BYTES, Taken, return_path, take_bounce
from outbox.emails.rendering import render_mail
from outbox.emails.retention import forget_old_mails
from outbox.emails.suppression import suppression_of
from outbox.models import EmailSuppression, Mail
from outbox.service import queue_mail
from tests import make

TOKEN = "a-token-of-mail-providers"  # noqa: S105
FIELDS = "Final-Recipient: rfc822; kim@example.com\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {why}\n"


@pytest.fixture(autouse=True)
def returning(settings):
    settings.BOUNCE_ADDRESS, settings.BOUNCE_TOKEN = "bounce@mail.example.com", TOKEN


@pytest.fixture
def mail(customer, now):
    return queue(customer, now)


def queue(customer, now, **fields):
    values = {"to_email": customer.email, "user": customer, "context": {}, "now": now, **fields}
    return queue_mail("plain", **values)


def report(to: str, *, action="failed", status="5.1.1", why="550 no such user") -> bytes:
    """As RFC 3464 has it, written by hand: a mail server's words, not ours."""
    return (
        f"From: MAILER-DAEMON@mx.example.com\nTo: {to}\nSubject: Undelivered\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\n"
        f"{FIELDS.format(action=action, status=status, why=why)}\n"
        "--b\nContent-Type: message/rfc822\n\nFrom: a@example.com\nSubject: Hello\n\nHello\n--b--\n"
    ).encode()


def complaint(sender: str, kind: str = "abuse") -> bytes:
    return (
        "From: fbl@isp.example\nTo: abuse@example.com\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nThis is spam.\n"
        "--b\nContent-Type: message/feedback-report\n\n"
        f"Feedback-Type: {kind}\nOriginal-Mail-From: <{sender}>\n\n--b--\n"
    ).encode()


def refusing(monkeypatch, code: int, text: bytes):
    def refuse(_self, _from, to, *_rest, **_more):
        raise smtplib.SMTPRecipientsRefused({to[0]: (code, text)})

    monkeypatch.setattr(smtplib.SMTP, "sendmail", refuse)


def test_a_mail_leaves_from_an_address_that_names_it(sink, mail, now):
    assert delivery.deliver(mail.pk, now=now)

    (message,) = sink.messages
    assert message["From"] == "Moments <moments@localhost>"
    assert sink.senders == [return_path(mail)]
    assert return_path(mail).startswith(f"bounce+{mail.pk}-") and len(return_path(mail).partition("@")[0]) <= 64


def test_a_recipient_refused_for_good_is_marked_and_further_mail_is_held(sink, mail, customer, now, monkeypatch):
    refusing(monkeypatch, 550, b"5.1.1 No such user")
    later = queue(customer, now)

    assert not delivery.deliver(mail.pk, now=now)
    assert delivery.deliver_due(now=now + dt.timedelta(days=4)) == 0

    trouble = EmailSuppression.objects.get()
    assert (trouble.email, trouble.method, trouble.status, trouble.mail) == (customer.email, "refused", "5.1.1", mail)
    for held in (mail, later):
        held.refresh_from_db()
        assert held.status == "held" and "5.1.1" in held.last_error
    assert (mail.attempts, later.attempts) == (1, 0)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (450, b"4.2.2 Mailbox full"),
        (451, b"<kim@example.com> greylisted"),
        (550, b"5.7.1 Relaying denied"),
        (530, b"Sign in first"),
    ],
)
def test_what_is_no_fault_of_the_address_is_tried_again(sink, mail, now, monkeypatch, caplog, code, text):
    refusing(monkeypatch, code, text)

    assert not delivery.deliver(mail.pk, now=now)

    mail.refresh_from_db()
    assert (mail.status, mail.attempts, mail.due_at) == ("queued", 1, now + dt.timedelta(minutes=1))
    assert mail.to_email in mail.last_error and "was not sent" in caplog.text
    assert mail.to_email not in caplog.text and "kim@example.com" not in caplog.text
    assert EmailSuppression.objects.count() == 0


def test_a_report_of_a_failure_marks_the_recipient_of_the_mail_it_came_back_for(mail, customer, now):
    assert take_bounce(report(return_path(mail)), now=now) == Taken.MARKED
    assert take_bounce(report(return_path(mail).upper()), now=now) == Taken.MARKED

    trouble = EmailSuppression.objects.get()
    assert (trouble.email, trouble.method, trouble.status) == (customer.email, "returned", "5.1.1")
    assert trouble.reason == "smtp; 550 no such user" and trouble.mail == mail


@pytest.mark.parametrize(
    "said",
    [{"status": "4.2.2"}, {"action": "delayed"}, {"action": "delivered", "status": "2.0.0"}, {"status": "nonsense"}],
)
def test_what_is_no_failure_for_good_marks_nobody(mail, now, said):
    assert take_bounce(report(return_path(mail), **said), now=now) == Taken.NO_FAILURE

    assert EmailSuppression.objects.count() == 0


def test_a_complaint_marks_and_other_feedback_does_not(mail, now):
    assert take_bounce(complaint(return_path(mail), "not-spam"), now=now) == Taken.REFUSED
    assert take_bounce(complaint(return_path(mail)), now=now) == Taken.MARKED

    assert EmailSuppression.objects.get().method == "complaint"


def forged(mail) -> list[str]:
    true = return_path(mail)
    other = true.replace(f"+{mail.pk}-", f"+{mail.pk + 1}-")
    unsigned = [f"bounce+{mail.pk}@mail.example.com", "bounce@mail.example.com"]
    return [other, true.replace("@mail.", "@other."), true.replace("-", "-0", 1), *unsigned]


def test_a_report_to_an_address_that_we_did_not_sign_marks_nobody(mail, customer, now):
    queue(customer, now)  # whom the first forged one names

    assert {take_bounce(report(to), now=now) for to in forged(mail)} == {Taken.REFUSED}
    assert take_bounce(report("nobody@example.com"), to=forged(mail)[0], now=now) == Taken.REFUSED

    assert EmailSuppression.objects.count() == 0


NASTY = [
    b"",
    b"\x00" * 1000,
    b"\xff\xfe" * 500,
    b"To: " + b"bounce+1-a" * 100_000,
    b"Content-Type: multipart/report; boundary=b\n\n" + b"--b\n" * 200_000,
    b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(5000)),
    b"Content-Type: message/delivery-status\n\n" + b"Status: 5.1.1\nAction: failed\n\n" * 30_000,
    b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n!!!!",
    b"To: =?utf-8?b?////?=\nContent-Type: text/plain; charset=nonsense\n\nHello",
    b"x" * (2 * MOST_BYTES),
]


@pytest.mark.slow
@pytest.mark.parametrize("raw", NASTY, ids=range(len(NASTY)))
def test_whatever_comes_nothing_breaks_and_nobody_is_marked(db, now, raw):
    assert take_bounce(raw, now=now) in {Taken.REFUSED, Taken.UNREADABLE}

    assert EmailSuppression.objects.count() == 0


def test_nul_and_lines_in_what_a_server_says_are_no_trouble(mail, now):
    assert take_bounce(report(return_path(mail), why="550 \x00no\x00 " + "long " * 200), now=now) == Taken.MARKED

    assert "\x00" not in EmailSuppression.objects.get().reason


def test_a_mail_server_pipes_it_to_the_command(mail, now, monkeypatch):
    class Piped:
        buffer = io.BytesIO(report("somebody@example.com"))

    monkeypatch.setattr("sys.stdin", Piped)
    said = io.StringIO()

    call_command("take_bounce", to=return_path(mail), stdout=said)

    assert said.getvalue() == "The address is marked.\n"
    assert EmailSuppression.objects.count() == 1


BASIC = {"HTTP_AUTHORIZATION": "Basic eDphLXRva2VuLW9mLW1haWwtcHJvdmlkZXJz"}
BEARER = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("proof", [BASIC, BEARER])
def test_a_provider_posts_it_with_the_token(client, mail, proof):
    raw = report(return_path(mail))

    as_body = client.post("/mail/bounces/", raw, content_type="message/rfc822", **proof)
    as_field = client.post("/mail/bounces/", {"body-mime": raw.decode(), "recipient": return_path(mail)}, **proof)

    assert as_body.json() == as_field.json() == {"message": "The address is marked."}
    assert EmailSuppression.objects.count() == 1


def test_without_the_token_nothing_is_taken(client, mail, settings):
    raw, path = report(return_path(mail)), "/mail/bounces/"
    wrong = ["", "Bearer", "Bearer x", "Basic x", "Basic eDp4", "Bearer \u00e9"]

    answers = [client.post(path, raw, content_type="message/rfc822", HTTP_AUTHORIZATION=text) for text in wrong]
    assert {answer.status_code for answer in answers} == {403}
    assert client.get(path, **BEARER).status_code == 405
    assert client.post(path, b"x" * (2 * MOST_BYTES), content_type="message/rfc822", **BEARER).status_code == 413
    settings.BOUNCE_TOKEN = ""
    assert client.post(path, raw, content_type="message/rfc822", **BEARER).status_code == 404

    assert EmailSuppression.objects.count() == 0


def test_what_is_held_is_forgotten_in_time_and_its_report_marks_nobody(mail, now):
    later = {"before": now + dt.timedelta(days=1), "now": now, "batch": 10}
    assert forget_old_mails(**later) == 0  # it is still to be sent
    Mail.objects.update(status="held")

    assert forget_old_mails(**later) == 1
    assert take_bounce(report(return_path(mail)), now=now) == Taken.MENDED

    assert not Mail.objects.exclude(to_email="").exists() and EmailSuppression.objects.count() == 0


# Mended


@pytest.fixture
def marked(mail, customer, now, settings):
    """A customer who is not reached, and two mails to them that are held."""
    settings.DEMO = True
    assert delivery.deliver(mail.pk, now=now)
    take_bounce(report(return_path(mail)), now=now)
    for to in (customer.email, customer.email.upper()):
        queue(customer, now, to_email=to)
    assert delivery.deliver_due(now=now) == 0
    return suppression_of(customer.email)


@pytest.fixture
def staff(client, marked):
    client.force_login(make.operator())
    page = f"/admin/outbox/emailsuppression/{marked.pk}/works/"
    client.post(page, {"access_reason": "The customer asked us"})
    return client


def test_staff_say_that_it_works_and_what_was_held_goes_out(staff, marked, mail, now):
    path = f"/admin/outbox/emailsuppression/{marked.pk}/works/"
    assert "This field is required" in staff.post(path, {"why": " "}).text
    assert suppression_of(marked.email)

    staff.post(path, {"why": "They told us on the telephone."})

    marked.refresh_from_db()
    assert (marked.ended_method, marked.ended_reason) == ("works", "They told us on the telephone.")
    assert delivery.deliver_due(now=now + dt.timedelta(minutes=1)) == 2
    assert take_bounce(report(return_path(mail)), now=now) == Taken.MENDED
    assert suppression_of(marked.email) is None


def test_staff_propose_an_address_and_its_owner_confirms_it(staff, marked, customer, now):
    path = f"/admin/outbox/emailsuppression/{marked.pk}/correct/"
    staff.post(path, {"email": "Right@example.com", "why": "A letter was missing."})

    customer.refresh_from_db()
    assert customer.email == marked.email and suppression_of(customer.email).proposed == "right@example.com"
    mail = Mail.objects.get(to_email="right@example.com")
    confirm(staff, mail)

    customer.refresh_from_db()
    assert customer.email == "right@example.com"
    assert list(EmailAddress.objects.filter(user=customer).values_list("email", "primary")) == [(customer.email, True)]
    assert EmailSuppression.objects.get().ended_method == "corrected"
    assert set(Mail.objects.filter(user=customer).values_list("to_email", "status")) == {
        (customer.email, "queued"),
        (marked.email, "sent"),
    }


def test_an_address_that_its_owner_confirmed_before_becomes_the_login_at_once(staff, marked, customer, now):
    EmailAddress.objects.create(user=customer, email="work@example.com", verified=True)

    page = staff.post(
        f"/admin/outbox/emailsuppression/{marked.pk}/correct/",
        {"email": "work@example.com", "why": "Told us."},
        follow=True,
    )

    assert "it is their login now" in page.text
    customer.refresh_from_db()
    assert customer.email == "work@example.com" and not Mail.objects.filter(kind="email_confirmation").exists()
    marked.refresh_from_db()
    assert (marked.ended_method, marked.proposed) == ("corrected", customer.email)
    assert Mail.objects.filter(user=customer, to_email=customer.email, status="queued").count() == 2


def confirm(client, mail):
    text = render_mail(mail).text
    path = next(word for word in text.split() if "/accounts/confirm-email/" in word).removeprefix("http://testserver")
    assert client.post(path).status_code == 302


def test_what_belongs_to_another_account_is_not_proposed(staff, marked):
    other = make.customer()
    path = f"/admin/outbox/emailsuppression/{marked.pk}/correct/"

    for email, sentence in [(other.email, "belongs to another account"), (marked.email, "does not reach")]:
        assert sentence in staff.post(path, {"email": email, "why": "They said so."}).text

    marked.refresh_from_db()
    assert marked.proposed == "" and EmailAddress.objects.filter(email=other.email).count() == 1


def test_operators_without_the_right_mend_nothing(client, marked):
    client.force_login(make.user(is_staff=True))

    for act in ("works", "correct"):
        client.post(f"/admin/outbox/emailsuppression/{marked.pk}/{act}/", {"email": "a@example.com", "why": "Because."})

    assert suppression_of(marked.email).proposed == ""


def test_the_customer_is_told_and_has_the_address_tried_again(client, marked, customer, now):
    client.force_login(customer)
    assert f"Mail to {customer.email} comes back" in client.get("/my/rewards/").text

    client.post("/address/try/")
    check = Mail.objects.get(kind="address_check")
    assert delivery.deliver(check.pk, now=now + dt.timedelta(minutes=1))
    path = next(word for word in render_mail(check).text.split() if "/address/check/" in word)
    path = path.removeprefix("http://testserver")

    assert client.get(path).status_code == client.head(path).status_code == 200
    assert suppression_of(customer.email)
    assert "We reach you again" in client.post(path).text
    assert suppression_of(customer.email) is None
    assert delivery.deliver_due(now=now + dt.timedelta(minutes=2)) == 2
    assert "comes back" not in client.get("/my/rewards/").text


def test_the_customer_confirms_another_address_and_is_reached_there(client, marked, customer, now):
    client.force_login(customer)

    client.post("/accounts/email/", {"action_add": "", "email": "new@example.com"})
    confirm(client, Mail.objects.get(to_email="new@example.com"))

    customer.refresh_from_db()
    assert customer.email == "new@example.com" and suppression_of(marked.email) is None
    assert Mail.objects.filter(to_email="new@example.com", kind="plain", status="queued").count() == 2


@pytest.mark.parametrize("signed", ["x", "MTI:1abc:sig", "a" * 3000])
def test_a_check_that_we_did_not_sign_ends_nothing(client, marked, signed):
    assert client.post(f"/address/check/{signed}/").status_code == 404

    assert suppression_of(marked.email)


def test_links_of_the_account_that_were_held_too_long_stay_held(marked, customer, now):
    from outbox.emails.suppression import end_suppression

    Mail.objects.filter(status="held").update(created_at=now - dt.timedelta(hours=2))
    stale = Mail.objects.filter(status="held").first()
    Mail.objects.filter(pk=stale.pk).update(text="A link to sign in")

    end_suppression(marked, "works", now=now)

    assert list(Mail.objects.filter(status="held")) == [stale]


# Late


@pytest.mark.slow
def test_pages_say_that_mail_is_late_while_the_server_is_gone(client, mail, customer, reward, now, settings):
    order = make.order(reward, by=customer)
    client.force_login(customer)
    pages = [f"/orders/{order.number}/", "/accounts/confirm-email/"]
    assert not [page for page in pages if "may be late" in client.get(page).text]
    settings.SMTP_URL = "smtp://127.0.0.1:1"

    delivery.deliver(mail.pk, now=now)

    assert all("Mail may be late just now. Your reward is in your account" in client.get(page).text for page in pages)
    settings.SMTP_URL, settings.DEMO = "", True
    delivery.smtp_gone.close()
    assert delivery.deliver_due(now=now + dt.timedelta(minutes=2))
    assert not [page for page in pages if "may be late" in client.get(page).text]
