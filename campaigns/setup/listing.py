"""The campaigns of an organization, narrowed, sorted and page by page."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Lower

from accounts.models import App, Member
from campaigns.models import Campaign, CampaignQuerySet
from moments.folding import folded_contains
from moments.web.pagination import Page, page_of

ARCHIVED = "archived"  # beside the states, in lists
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
SORTS = {
    "name": Lower("name"),
    "starts": Coalesce("starts_at", Value(NEVER)),
    "ends": Coalesce("ends_at", Value(NEVER)),
    "spent": F("total_spent_cents"),
    "created": F("created_at"),
}


@dataclass(frozen=True)
class CampaignFilter:
    """What a list is narrowed to, and how it is sorted. ``search`` is a part of a name, or a whole campaignId."""

    search: str = ""
    status: str = ""
    app: App | None = None
    kind: str = ""
    sort: str = "created"
    descending: bool = True


def page_of_campaigns(
    member: Member,
    wanted: CampaignFilter,
    *,
    after: uuid.UUID | None = None,
    before: uuid.UUID | None = None,
    size: int = 50,
) -> Page[Campaign]:
    """The campaigns that come after ``after``, or before ``before``, in the wanted order; the id decides between
    equals."""
    everything = Campaign.objects.visible_to(member).annotate(place=SORTS[wanted.sort])
    anchor = before or after
    place = everything.filter(pk=anchor).values_list("place", "pk").first() if anchor else None
    backwards = bool(before and place)
    found = matching(everything, wanted)
    descending = wanted.descending != backwards
    if place:
        found = found.filter(_beyond(*place, descending=descending))
    sign = "-" if descending else ""
    rows = list(found.select_related("app").order_by(f"{sign}place", f"{sign}pk")[: size + 1])
    return page_of(rows, size=size, is_first=not place, backwards=backwards)


def matching(found: CampaignQuerySet, wanted: CampaignFilter) -> CampaignQuerySet:
    found = found.filter(archived_at__isnull=wanted.status != ARCHIVED)
    if wanted.status and wanted.status != ARCHIVED:
        found = found.filter(status=wanted.status)
    if wanted.app:
        found = found.filter(app=wanted.app)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    return found.filter(_named(wanted.search)) if wanted.search else found


def _named(text: str) -> Q:
    try:
        return Q(pk=uuid.UUID(text))
    except ValueError:
        return folded_contains("name", text)


def _beyond(place: Any, pk: uuid.UUID, *, descending: bool) -> Q:
    if descending:
        return Q(place__lt=place) | Q(place=place, pk__lt=pk)
    return Q(place__gt=place) | Q(place=place, pk__gt=pk)
