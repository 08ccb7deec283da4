"""Bounces (RFC 3464) and complaints (RFC 5965) that mail servers send back.

Each email has a signed return address with its id. A report is trusted only because of the address it was sent to, not
because of its content.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from enum import StrEnum

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from outbox.emails.suppression import suppress_address
from outbox.models import EmailSuppression, Mail

MOST_BYTES = 1024 * 1024
MOST_OF_A_HEADER = 2000
SENT_TO = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To", "To")
FOR_GOOD = re.compile(r"5\.\d{1,3}\.\d{1,3}")
Method = EmailSuppression.Method


class Taken(StrEnum):
    MARKED = "The address is marked."
    MENDED = "That was mended since, or the mail is forgotten."
    NO_FAILURE = "It tells of no failure for good."
    REFUSED = "It was not sent to an address that we signed."
    UNREADABLE = "It could not be read."


# Return addresses


def return_path(mail: Mail) -> str:
    """Return ``bounce+<id>-<signature>@host``, or the default sender if ``BOUNCE_ADDRESS`` is not set."""
    if not settings.BOUNCE_ADDRESS:
        return settings.DEFAULT_FROM_EMAIL
    local, _at, host = settings.BOUNCE_ADDRESS.partition("@")
    return f"{local}+{mail.pk}-{_signature(str(mail.pk), settings.SECRET_KEY)}@{host}"


def _signature(pk: str, key: str) -> str:
    """Return 96 bits in hexadecimal, which mail servers do not change."""
    return salted_hmac("moments.return_path", pk, secret=key, algorithm="sha256").hexdigest()[:24]


def mail_of(text: str) -> Mail | None:
    """Return the email whose signed return address is in ``text``, or None."""
    local, _at, host = settings.BOUNCE_ADDRESS.partition("@")
    ours = re.compile(rf"{re.escape(local)}\+(\d{{1,18}})-([0-9a-f]{{24}})@{re.escape(host)}", re.IGNORECASE)
    for pk, signature in ours.findall(text) if host else []:
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        if any(constant_time_compare(_signature(pk, key), signature.lower()) for key in keys):
            return Mail.objects.filter(pk=int(pk)).first()
    return None


# Reports


@dataclass(frozen=True)
class Failure:
    """A bounce or complaint. ``status`` is an enhanced status code such as 5.1.1, empty for complaints. ``sender`` is
    the original return address that a complaint names.
    """

    method: str
    status: str
    reason: str
    sender: str = ""


def take_bounce(raw: bytes, *, to: str = "", now: dt.datetime) -> Taken:
    """Process a message sent to a return address. ``to`` is that address, if the caller knows it.

    Never raises because of its content, and requires a signed return address.
    """
    try:
        message = message_from_bytes(raw[:MOST_BYTES])
        failure = failure_of(message)
        sent_to = [to, *_headers(message, SENT_TO), failure.sender if failure else ""]
    except Exception:  # any error of the parser
        return Taken.UNREADABLE
    mail = mail_of(" ".join(text[:MOST_OF_A_HEADER] for text in sent_to))
    if mail is None:
        return Taken.REFUSED
    if failure is None:
        return Taken.NO_FAILURE
    marked = suppress_address(mail, method=failure.method, status=failure.status, why=failure.reason, now=now)
    return Taken.MARKED if marked else Taken.MENDED


def _headers(message: Message, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        yield from (str(value) for value in message.get_all(name, []))


def failure_of(message: Message) -> Failure | None:
    """Return the first permanent failure or complaint; None for delayed, relayed or delivered emails."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            found = next(filter(None, map(_of_recipient, _blocks(part))), None)
        elif kind == "message/feedback-report":
            found = next(filter(None, map(_of_complaint, _blocks(part))), None)
        else:
            found = None
        if found:
            return found
    return None


def _blocks(part: Message) -> list[Message]:
    """Return the groups of fields, which the parser represents as messages."""
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _of_recipient(block: Message) -> Failure | None:
    status = FOR_GOOD.match(str(block.get("Status", "")).strip())
    if status is None or str(block.get("Action", "")).strip().lower() != "failed":
        return None
    return Failure(Method.RETURNED, status[0], str(block.get("Diagnostic-Code", "")))


def _of_complaint(block: Message) -> Failure | None:
    if str(block.get("Feedback-Type", "")).strip().lower() != "abuse":
        return None
    return Failure(Method.COMPLAINT, "", str(block.get("User-Agent", "")), str(block.get("Original-Mail-From", "")))
