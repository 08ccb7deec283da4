"""Email addresses that apps send with events: for the email about an automatic exchange, and for nothing else.

An address is kept while the event can still cause an exchange: while its points are pending, or while its exchange is
stuck. Events are append-only, so addresses have a table of their own.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.privacy.retention import delete_in_batches
from moments.errors import RuleViolation
from rewards.models import PointEventEmail, StuckExchange

MOST = 254  # characters
BATCH = 500


def address_in(text: str) -> str:
    """The address in lowercase, as erasure looks for it. Raises ``RuleViolation`` for text that is none."""
    try:
        validate_email(text)
        if len(text) <= MOST:
            return text.lower()
    except ValidationError:
        pass
    message = _("email is “%(given)s”; send an address such as kim@example.com of at most %(most)d characters.")
    raise RuleViolation("invalid_request", message % {"given": text[:80], "most": MOST}, field="email")


def keep_needed(found: Sequence[tuple[int, str, dt.datetime | None]], *, now: dt.datetime) -> None:
    """Keep what may be needed later of (event, address, when its points become available)."""
    stuck = set(_open_stuck().filter(event__in=[pk for pk, _email, _at in found]).values_list("event_id", flat=True))
    rows = [
        PointEventEmail(event_id=pk, email=email, available_at=available_at, received_at=now)
        for pk, email, available_at in found
        if pk in stuck or (available_at is not None and available_at > now)
    ]
    PointEventEmail.objects.bulk_create(rows)


def email_of(event_pk: int) -> str:
    """The address to email about an exchange that the event causes; "" where there is none.

    Locked until the email is queued: an erasure waits, and then finds both.
    """
    rows = PointEventEmail.objects.select_for_update().filter(event=event_pk)
    return rows.values_list("email", flat=True).first() or ""


def forget_settled(event_pk: int | None = None, *, now: dt.datetime) -> int:
    """Delete addresses whose event, or whichever event, can cause no more exchanges; how many."""
    settled, due_at = F("event__account__settled_at"), "event__account__due_at"
    exchanged = Q(**{due_at: None}) | Q(**{f"{due_at}__gt": settled})  # see ``Posting.exchanges``
    due = PointEventEmail.objects.filter(
        Q(available_at=None) | Q(exchanged, available_at__lte=now, event__account__settled_at__gte=F("available_at"))
    )
    if event_pk is not None:
        due = due.filter(event=event_pk)
    return delete_in_batches(due.exclude(event__in=_open_stuck().values("event")), batch=BATCH)


def forget_reversed(event_pk: int) -> None:
    """All points of the event are taken back, so none of them are pending."""
    PointEventEmail.objects.filter(event=event_pk).exclude(event__in=_open_stuck().values("event")).delete()


def forget_addresses(addresses: Iterable[str]) -> None:
    """Of a person who is erased."""
    PointEventEmail.objects.filter(email__in=list(addresses)).delete()


def forget_old(*, before: dt.datetime, batch: int) -> int:
    """Whatever is still pending or stuck; how many."""
    return delete_in_batches(PointEventEmail.objects.filter(received_at__lt=before), batch=batch)


def _open_stuck() -> QuerySet[StuckExchange]:
    return StuckExchange.objects.filter(outcome=StuckExchange.Outcome.OPEN)
