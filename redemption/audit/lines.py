"""The audit log as people read it: what was done in the organization, and with its campaigns, in one order."""

import datetime as dt
import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import AuditEntry, Member, User
from campaigns.models import CampaignChange

CAMPAIGNS = "campaigns"  # among the kinds: what stands in the campaigns' own history
CHUNK = 500


@dataclass(frozen=True)
class Line:
    at: dt.datetime
    by: User | None
    what: str
    about: str


@dataclass(frozen=True)
class Wanted:
    """Of one person, of one kind (a value of ``AuditEntry.What``, or ``CAMPAIGNS``), of days half open."""

    by: User | None = None
    what: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def lines_of(member: Member, wanted: Wanted, *, before: dt.datetime | None = None) -> Iterator[Line]:
    """Newest first, all that are older than ``before``; read as far as somebody looks."""
    sources = []
    if wanted.what != CAMPAIGNS:
        entries = AuditEntry.objects.filter(organization=member.organization_id)
        sources.append(_each(entries.filter(what=wanted.what) if wanted.what else entries, wanted, before))
    if wanted.what in {"", CAMPAIGNS}:
        changes = CampaignChange.objects.filter(campaign__organization=member.organization_id)
        sources.append(_each(changes.select_related("campaign"), wanted, before))
    return heapq.merge(*sources, key=lambda line: line.at, reverse=True)


def _each(rows: QuerySet, wanted: Wanted, before: dt.datetime | None) -> Iterator[Line]:
    if wanted.by:
        rows = rows.filter(by=wanted.by)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    until = min([instant for instant in (wanted.until, before) if instant], default=None)
    if until:
        rows = rows.filter(at__lt=until)
    rows, place = rows.select_related("by").order_by("-at", "-pk"), None
    while chunk := list((rows.filter(at__lte=place[0]) if place else rows)[: CHUNK + 1]):
        fresh = [row for row in chunk if not place or (row.at, row.pk) < place]
        yield from (_line(row) for row in fresh)
        if len(chunk) <= CHUNK or not fresh:
            return
        place = (fresh[-1].at, fresh[-1].pk)


def _line(row: AuditEntry | CampaignChange) -> Line:
    if isinstance(row, AuditEntry):
        return Line(row.at, row.by, row.get_what_display(), row.about)
    about = f"{row.campaign.name}: {row.why}" if row.why else row.campaign.name
    return Line(row.at, row.by, _("campaign %s") % row.what, about)
