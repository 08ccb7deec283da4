"""What the console's pages ask of the operators: a thread, told to them by mail."""

from django.db import transaction

from accounts.models import SupportRequest
from accounts.organizations import service as organizations
from accounts.organizations.emails import mail_support_message
from moments import clock


def open_support_request(request, *, kind: str, subject: str, body: str, picture: str = "") -> SupportRequest:
    """A new thread of ``request.member``'s organization. ``picture`` is the name of a stored one."""
    with transaction.atomic():
        made = organizations.open_request(
            request.member, kind=kind, subject=subject, body=body, picture=picture, now=clock.now()
        )
        mail_support_message(made.messages.get())
    return made
