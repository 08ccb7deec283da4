"""Rendering of emails: subject, text and HTML in the recipient's language.

An email's kind names ``templates/emails/<kind>.{subject.txt,txt,html}`` and, in ``moments.registry.emails``, the
function that turns the row's ``context`` into the template context. Other kinds have their text in the row: account
emails with their own HTML, and ``plain``, which is placed into the same layout.
"""

import re
from dataclasses import dataclass, field
from email.utils import make_msgid
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from moments.integrations.outbound_guard import refuse_inside_a_transaction
from moments.registry import emails
from moments.web.context import of_mails
from outbox.emails.bounces import return_path
from outbox.models import Mail

SMTP_TIMEOUT = 20  # seconds


@dataclass(frozen=True)
class Rendered:
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)


def render_mail(mail: Mail) -> Rendered:
    """Render the email. Raises the exception of the context function if its rows no longer exist."""
    with translation.override(mail.language):
        if mail.forgotten_at:
            return _of_row(Mail(subject=_("A mail that is forgotten"), text=_("What it said is kept no longer.")))
        if mail.kind not in emails:
            return _of_row(mail)
        return render_kind(mail.kind, emails[mail.kind](mail.context), to=mail.to_email)


def render_kind(kind: str, shown: dict, *, to: str) -> Rendered:
    """Render an email in the active language, with the result of its context function."""
    context = {**of_mails(), **shown}
    subject = subject_of(kind, context)
    context["subject"] = subject
    text = tidy(render_to_string(f"emails/{kind}.txt", context))
    html = render_to_string(f"emails/{kind}.html", context)
    return Rendered(to, subject, text, html, unsubscribing(context.get("unsubscribe_url", "")))


def subject_of(kind: str, context: dict) -> str:
    return one_line(render_to_string(f"emails/{kind}.subject.txt", context))


def unsubscribing(url: str) -> dict[str, str]:
    """Return the headers for one-click unsubscribe in mail programs (RFC 8058)."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url else {}


def _of_row(mail: Mail) -> Rendered:
    if mail.html:
        return Rendered(mail.to_email, mail.subject, tidy(mail.text), mail.html)
    context = {**of_mails(), "subject": mail.subject, "body": mail.text}
    text = tidy(render_to_string("emails/plain.txt", context))
    return Rendered(mail.to_email, mail.subject, text, render_to_string("emails/plain.html", context))


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()[:250]


def tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def send_over_smtp(mail: Mail) -> None:
    """Send one message to ``SMTP_URL``. The Message-ID is the same for every attempt."""
    rendered = render_mail(mail)
    refuse_inside_a_transaction()
    with smtp_connection() as connection:
        message = EmailMultiAlternatives(
            rendered.subject,
            rendered.text,
            return_path(mail),
            [rendered.to],
            headers={
                "From": settings.DEFAULT_FROM_EMAIL,
                "Message-ID": message_id(mail),
                "Auto-Submitted": "auto-generated",
                **rendered.headers,
            },
            reply_to=[settings.OPERATOR_EMAIL],
            connection=connection,
        )
        message.attach_alternative(rendered.html, "text/html")
        message.send()


def message_id(mail: Mail) -> str:
    domain = make_msgid(domain=urlsplit(settings.BASE_URL).hostname or "localhost").rpartition("@")[2].rstrip(">")
    return f"<{mail.message_id}@{domain}>"


def smtp_connection() -> Any:
    """Return a connection to ``smtp://user:password@host:587?tls=1`` or ``smtps://user:password@host:465``."""
    parts = urlsplit(settings.SMTP_URL)
    over_ssl = parts.scheme == "smtps"
    return get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=parts.hostname,
        port=parts.port or (465 if over_ssl else 25),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_ssl=over_ssl,
        use_tls=parse_qs(parts.query).get("tls") == ["1"],
        timeout=SMTP_TIMEOUT,
    )
