"""Email backend that stores emails of Django and allauth in the outbox."""

import re
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation

from moments import clock
from moments.web.context import KIND_HEADER
from outbox.models import Mail
from outbox.service import add_mail, queue_user_requested_email

ALWAYS_SENT = {"plain", "account_changed"}  # not limited, so that nobody can suppress notices about their actions


class OutboxBackend(BaseEmailBackend):
    """``EMAIL_BACKEND``: saves one row per recipient in the current transaction.

    The kind is the header ``X-Kind``, else ``plain``. Kinds not in ``ALWAYS_SENT`` are limited per address and hour.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        now = clock.now()
        for message in email_messages:
            for address in message.recipients():
                mail = _row_of(message, address)
                add = add_mail if mail.kind in ALWAYS_SENT else queue_user_requested_email
                add(mail, now=now)
        return len(email_messages)


def _row_of(message: EmailMessage, address: str) -> Mail:
    if message.attachments:
        raise ValueError("Mails of Moments carry no attachments.")
    return Mail(
        kind=message.extra_headers.get(KIND_HEADER, "plain")[:40],
        to_email=address,
        language=translation.get_language() or "en",
        subject=re.sub(r"\s+", " ", str(message.subject)).strip()[:250],
        text=str(message.body),
        html=_html_of(message),
    )


def _html_of(message: EmailMessage) -> str:
    alternatives = getattr(message, "alternatives", [])
    return next((str(content) for content, mime_type in alternatives if mime_type == "text/html"), "")
