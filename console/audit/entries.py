"""The audit log: actions in the organization merged with the history of its campaigns."""

import datetime as dt
import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import AuditEntry, Member, User
from campaigns.models import CampaignChange

CAMPAIGNS = "campaigns"  # the kind for entries of campaign histories
CHUNK = 500


ENTRY, CHANGE = 0, 1  # sort order of entries with the same time
Place = tuple[dt.datetime, int, int]  # time, table, id: unique for every entry


@dataclass(frozen=True)
class Entry:
    place: Place
    by: User | None
    what: str
    about: str

    @property
    def at(self) -> dt.datetime:
        return self.place[0]


@dataclass(frozen=True)
class AuditFilter:
    """A filter by person, kind (a value of ``AuditEntry.Event``, or ``CAMPAIGNS``) and time. ``until`` is exclusive."""

    by: User | None = None
    what: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def entries_of(member: Member, wanted: AuditFilter, *, before: Place | None = None) -> Iterator[Entry]:
    """Yield entries newest first, starting after ``before``. Rows are fetched as needed."""
    sources = []
    if wanted.what != CAMPAIGNS:
        entries = AuditEntry.objects.filter(organization=member.organization_id)
        entries = entries.filter(event=wanted.what) if wanted.what else entries
        sources.append(_each(entries, ENTRY, wanted, before))
    if wanted.what in {"", CAMPAIGNS}:
        changes = CampaignChange.objects.filter(campaign__organization=member.organization_id)
        sources.append(_each(changes.select_related("campaign"), CHANGE, wanted, before))
    return heapq.merge(*sources, key=lambda line: line.place, reverse=True)


def _each(rows: QuerySet, kind: int, wanted: AuditFilter, before: Place | None) -> Iterator[Entry]:
    """Yield the entries of one table, fetched in chunks. Any number of them can have the same time."""
    if wanted.by:
        rows = rows.filter(actor=wanted.by)
    if wanted.since:
        rows = rows.filter(occurred_at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(occurred_at__lt=wanted.until)
    rows, place = rows.select_related("actor").order_by("-occurred_at", "-pk"), before
    while chunk := list((rows.filter(_beyond(place, kind)) if place else rows)[:CHUNK]):
        for row in chunk:
            yield _line(row, kind)
        if len(chunk) < CHUNK:
            return
        place = (chunk[-1].occurred_at, kind, chunk[-1].pk)


def _beyond(place: Place, kind: int) -> Q:
    at, kind_there, pk = place
    if kind == kind_there:
        return Q(occurred_at__lt=at) | Q(occurred_at=at, pk__lt=pk)
    return Q(occurred_at__lte=at) if kind < kind_there else Q(occurred_at__lt=at)


def _line(row: AuditEntry | CampaignChange, kind: int) -> Entry:
    place = (row.occurred_at, kind, row.pk)
    if isinstance(row, AuditEntry):
        return Entry(place, row.actor, row.get_event_display(), row.about)
    about = f"{row.campaign.name}: {row.reason}" if row.reason else row.campaign.name
    return Entry(place, row.actor, _("campaign %s") % row.event, about)


def as_text(place: Place) -> str:
    """Return the place as used in a page's query string."""
    at, kind, pk = place
    return f"{at.astimezone(dt.UTC).isoformat()},{kind},{pk}"


def place_in(text: str) -> Place | None:
    """Parse the result of ``as_text``; return None for invalid text."""
    try:
        instant, kind, pk = text.split(",")
        at = dt.datetime.fromisoformat(instant)
        if at.tzinfo is None or kind not in {str(ENTRY), str(CHANGE)} or not re.fullmatch(r"[0-9]{1,18}", pk):
            return None
        return at.astimezone(dt.UTC), int(kind), int(pk)
    except (ValueError, OverflowError):
        return None
