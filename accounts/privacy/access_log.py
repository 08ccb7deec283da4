"""Staff open customers' data only for a reason, and every access is logged.

Staff enter a reason once for a customer, a row or a list. It is valid for 15 minutes in the same session.
"""

import datetime as dt
import re
from collections.abc import Iterable

from django.db.models import Model
from django.http import HttpRequest

from accounts.models import DataAccessLog, User
from moments.web.client_addresses import client_address

REASONS = "reasons"  # in the session: key → [reason, until when]
HOLDS = dt.timedelta(minutes=15)
MOST_CHARACTERS = 300
ADDRESS = re.compile(r"[^\s<>()\[\]{}\"',:;]+@[^\s<>()\[\]{}\"',:;]+")
Purpose = DataAccessLog.Purpose


def customer_of(row: Model) -> User | None:
    """Whose data ``row`` holds."""
    if isinstance(row, User):
        return row
    found = getattr(row, "customer", None) or getattr(row, "user", None)
    return found if isinstance(found, User) else None


def key_of(row: Model) -> str:
    """Under which a reason for ``row`` is kept: it opens all pages of the same customer."""
    customer = customer_of(row)
    return f"customer:{customer.pk}" if customer else f"{row._meta.label_lower}:{row.pk}"


def key_of_list(model: type[Model]) -> str:
    return f"list:{model._meta.label_lower}"


def keep_reason(request: HttpRequest, key: str, reason: str, *, now: dt.datetime) -> None:
    """What has lapsed is forgotten on the way."""
    kept = request.session.get(REASONS, {})
    lasting = {name: entry for name, entry in kept.items() if entry[1] > now.timestamp()}
    request.session[REASONS] = {**lasting, key: [reason, (now + HOLDS).timestamp()]}


def reason_for(request: HttpRequest, key: str, *, now: dt.datetime) -> str:
    """The one that was given and still holds; "" where there is none."""
    reason, until = request.session.get(REASONS, {}).get(key, ("", 0))
    return reason if now.timestamp() < until else ""


def record_access(request: HttpRequest, row: Model, *, reason: str, what: str = "", now: dt.datetime) -> None:
    """``request.user`` is shown ``row``, or ``what`` of it. Call it before it is shown."""
    of_row = _of(request, row, now)
    DataAccessLog.objects.create(reason=reason, **{**of_row, "object_type": what or of_row["object_type"]})


def record_list(request: HttpRequest, model: type[Model], *, reason: str, now: dt.datetime) -> None:
    """``request.user`` is shown a list of ``model`` with its personal data."""
    DataAccessLog.objects.create(reason=reason, object_type=str(model._meta.verbose_name_plural), **_who(request, now))


def record_fulfillment(request: HttpRequest, rows: Iterable[Model], *, reason: str, now: dt.datetime) -> None:
    """Packing slips, pick lists, files for carriers: a purpose of its own, for which nobody types a reason."""
    entries = [DataAccessLog(purpose=Purpose.FULFILLMENT, reason=reason, **_of(request, row, now)) for row in rows]
    DataAccessLog.objects.bulk_create(entries)


def _of(request: HttpRequest, row: Model, now: dt.datetime) -> dict:
    return {
        **_who(request, now),
        "object_type": str(row._meta.verbose_name),
        "object_id": str(row.pk),
        "customer": customer_of(row),
    }


def _who(request: HttpRequest, now: dt.datetime) -> dict:
    return {"actor": request.user, "occurred_at": now, "address": client_address(request)}


# Enough to tell rows apart, too little to know anybody by.


def masked_name(text: str) -> str:
    """``Kim Larsen`` → ``K… L…``"""
    return " ".join(f"{word[0]}…" for word in text.split())


def masked_email(text: str) -> str:
    """``kim@example.com`` → ``k…@e….com``"""
    local, at, domain = text.partition("@")
    if not at:
        return masked_name(text)
    host, dot, top = domain.rpartition(".")
    return f"{local[:1]}…@{host[:1]}…{dot}{top}"


def masked_address(text: str) -> str:
    """``203.0.113.9`` → ``203.…``"""
    return re.sub(r"[.:].*", lambda rest: f"{rest.group()[0]}…", text)


def masked_within(text: str) -> str:
    """What a mail server said: ``550 <kim@example.com> unknown`` → ``550 <k…@e….com> unknown``"""
    return ADDRESS.sub(lambda found: masked_email(found.group()), text)
