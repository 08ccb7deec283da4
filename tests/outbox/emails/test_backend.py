"""Emails that Django and its libraries send become rows."""

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.utils import translation

from moments.web.context import KIND_HEADER
from outbox.emails.backend import ALWAYS_SENT
from outbox.models import Mail
from outbox.service import MOST_AN_HOUR


def message(kind: str = "", **fields) -> EmailMultiAlternatives:
    headers = {KIND_HEADER: kind} if kind else {}
    return EmailMultiAlternatives(
        **{"subject": "Hello", "body": "Text", "to": ["kim@example.com"], **fields}, headers=headers
    )


def test_each_recipient_gets_a_row_of_their_own(db):
    assert message(to=["kim@example.com"], cc=["sam@example.com"]).send() == 1

    assert sorted(Mail.objects.values_list("to_email", "kind")) == [
        ("kim@example.com", "plain"),
        ("sam@example.com", "plain"),
    ]


def test_both_parts_and_the_language_are_kept_and_the_subject_is_one_line(db):
    made = message(subject="Hello\n  there ")
    made.attach_alternative("<p>Text</p>", "text/html")

    with translation.override("fr"):
        made.send()

    mail = Mail.objects.get()
    assert (mail.subject, mail.text, mail.html, mail.language) == ("Hello there", "Text", "<p>Text</p>", "fr")


def test_an_email_with_an_attachment_is_an_error_and_leaves_no_row(db):
    made = message()
    made.attach("file.txt", "x")

    with pytest.raises(ValueError, match="attachments"):
        made.send()

    assert not Mail.objects.exists()


def test_what_anybody_may_ask_for_is_sent_so_many_times_an_hour(db):
    for _time in range(MOST_AN_HOUR + 3):
        message("sign_in_link").send()

    assert Mail.objects.filter(kind="sign_in_link").count() == MOST_AN_HOUR


@pytest.mark.parametrize("kind", sorted(ALWAYS_SENT))
def test_notices_are_always_sent(db, kind):
    for _time in range(MOST_AN_HOUR + 3):
        message(kind).send()

    assert Mail.objects.count() == MOST_AN_HOUR + 3


def test_an_email_without_a_recipient_is_no_row(db):
    send_mail("Hello", "Text", None, [])

    assert not Mail.objects.exists()
