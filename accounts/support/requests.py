"""Threads between organizations and operators, in which each hears by mail of what the other wrote."""

import datetime as dt

from django.db import transaction

from accounts.models import SupportMessage, SupportRequest, User
from accounts.organizations import service as organizations
from accounts.organizations.access import MemberRequest
from accounts.organizations.emails import mail_support_message
from moments import clock


def open_support_request(
    request: MemberRequest, *, kind: str, subject: str, body: str, picture: str = ""
) -> SupportRequest:
    """A new thread of ``request.member``'s organization. ``picture`` is the name of a stored one."""
    with transaction.atomic():
        made = organizations.open_request(
            request.member, kind=kind, subject=subject, body=body, picture=picture, now=clock.now()
        )
        mail_support_message(made.messages.get())
    return made


def reply_by_mail(
    request: SupportRequest, *, author: User, body: str, from_operator: bool, now: dt.datetime
) -> SupportMessage:
    """Write to a thread; whoever it is for hears of it by mail."""
    with transaction.atomic():
        message = organizations.reply_to_request(
            request, author=author, body=body, from_operator=from_operator, now=now
        )
        mail_support_message(message)
    return message
