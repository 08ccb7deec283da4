"""What the console asks of the operators becomes a thread and an email, or neither."""

from types import SimpleNamespace

import pytest

from accounts.models import SupportMessage, SupportRequest
from accounts.organizations.emails import mail_support_message
from accounts.organizations.service import reply_to_request
from accounts.support.requests import open_support_request
from outbox.models import Mail
from tests import make


def asked(member, **fields) -> SupportRequest:
    values = {"kind": SupportRequest.Kind.OTHER, "subject": "Our own mug", "body": "Please offer it.", **fields}
    return open_support_request(SimpleNamespace(member=member), **values)


def test_a_question_is_a_thread_and_an_email_to_the_operators(member, settings):
    settings.OPERATOR_EMAIL = "desk@example.com"

    made = asked(member)

    mail = Mail.objects.get()
    assert (made.organization, made.opened_by, made.messages.get().body) == (
        member.organization,
        member.user,
        "Please offer it.",
    )
    assert mail.to_email == "desk@example.com" and mail.subject == f"Our own mug (request {made.pk})"
    assert "Please offer it." in mail.text and f"/admin/accounts/supportrequest/{made.pk}/change/" in mail.text


def test_where_the_email_cannot_be_queued_there_is_no_thread_either(member, settings):
    settings.EMAIL_BACKEND = "there.is.no.such.Backend"

    with pytest.raises(ImportError):
        asked(member)

    assert not SupportRequest.objects.exists() and not SupportMessage.objects.exists() and not Mail.objects.exists()


def test_an_answer_goes_to_whoever_asked(member, now):
    made = asked(member)

    answer = reply_to_request(made, author=make.operator(), body="Yes.", from_operator=True, now=now)
    mail_support_message(answer)

    mail = Mail.objects.exclude(text__contains="Please offer it.").get()
    assert mail.to_email == member.user.email
    assert "Yes." in mail.text and "/admin/" not in mail.text


def test_an_answer_to_somebody_who_left_goes_to_nobody(member, now):
    made = asked(member)
    SupportRequest.objects.update(opened_by=None)
    made.refresh_from_db()
    answer = reply_to_request(made, author=make.operator(), body="Yes.", from_operator=True, now=now)

    mail_support_message(answer)

    assert Mail.objects.count() == 1
