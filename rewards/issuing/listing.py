"""Lists of rewards for developers: issued, voided or window closed, without anything that redemption changes."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import App, Member
from campaigns.models import Campaign, Moment
from moments.errors import RuleViolation
from moments.web.pagination import Page, page_of
from rewards.models import Reward, RewardQuerySet

Device, Source = Reward.Device, Reward.Source
ISSUED, VOIDED, CLOSED = "issued", "voided", "window_closed"
BY_CAMPAIGN = {ISSUED, CLOSED}  # closing is a property of the campaign
STATES = {ISSUED: _("issued"), VOIDED: _("voided"), CLOSED: _("window closed")}

# The only columns that lists load.
COLUMNS = [
    *("id", "app_user_id", "source", "charge_cents", "issued_at", "voided_at", "device_type", "locale"),
    *("moment__key", "campaign__name", "campaign__rewards_expire_at"),
]


# What the API shows of a reward besides.
API_COLUMNS = [
    *COLUMNS,
    *("app", "organization", "currency", "credit_cents", "external_id", "metadata", "is_emailed"),
    *("token_digest", "token_key_version", "group__key", "group__retail_value_cents", "group__marketplace__currency"),
]


def state_of(reward: Reward, *, now: dt.datetime) -> str:
    if reward.voided_at:
        return VOIDED
    expires = reward.campaign.rewards_expire_at
    return CLOSED if expires and expires <= now else ISSUED


def reward_or_none(member: Member, pk: uuid.UUID) -> Reward | None:
    """Return one reward of the member's organization, with its campaign, moment, group and app."""
    found = Reward.objects.visible_to(member).select_related("campaign", "moment", "group__marketplace", "app")
    return found.defer("status", "customer", "claimed_at").filter(pk=pk).first()


@dataclass(frozen=True)
class RewardFilter:
    """Criteria of a list. ``search`` is the full id of a reward or user; ``since`` is inclusive, ``until``
    exclusive.
    """

    campaign: Campaign | None = None
    moment: Moment | None = None
    state: str = ""
    source: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    search: str = ""
    app_user_id: str = ""
    external_id: str = ""


def page_of_rewards(
    member: Member,
    wanted: RewardFilter,
    *,
    after: uuid.UUID | None = None,
    before: uuid.UUID | None = None,
    size: int = 50,
    now: dt.datetime,
) -> Page[Reward]:
    """Return a page of rewards, newest first: those older than ``after`` or newer than ``before``."""
    anchor = before or after
    place = (
        Reward.objects.visible_to(member).filter(pk=anchor).values_list("issued_at", "pk").first() if anchor else None
    )
    found, campaigns = matching(member, wanted), Campaign.objects.visible_to(member)
    backwards = bool(before and place)
    rows = _some(campaigns, found, wanted, place, backwards=backwards, size=size + 1, now=now)
    return page_of(rows, size=size, is_first=not place, backwards=backwards)


def every_reward(member: Member, wanted: RewardFilter, *, now: dt.datetime, chunk: int = 2000) -> Iterator[Reward]:
    """Yield all matching rewards, fetched in chunks."""
    found, place = matching(member, wanted), None
    campaigns = Campaign.objects.visible_to(member)
    while rows := _some(campaigns, found, wanted, place, backwards=False, size=chunk, now=now):
        yield from rows
        place = rows[-1].issued_at, rows[-1].pk


def matching(member: Member, wanted: RewardFilter) -> RewardQuerySet:
    """Filter by organization, or by campaign or moment only, so that PostgreSQL need not scan the whole
    organization.
    """
    found = Reward.objects.all()
    if wanted.moment:
        found = found.filter(moment=wanted.moment, campaign__organization_id=member.organization_id)
    elif wanted.campaign:
        found = found.filter(campaign=wanted.campaign, campaign__organization_id=member.organization_id)
    elif wanted.state not in BY_CAMPAIGN:
        found = found.visible_to(member)
    return _narrowed(found, wanted)


def _narrowed(found: RewardQuerySet, wanted: RewardFilter) -> RewardQuerySet:
    if wanted.source:
        found = found.filter(source=wanted.source)
    if wanted.since:
        found = found.filter(issued_at__gte=wanted.since)
    if wanted.until:
        found = found.filter(issued_at__lt=wanted.until)
    if wanted.search:
        found = found.filter(_named(wanted.search))
    if wanted.app_user_id:
        found = found.filter(app_user_id=wanted.app_user_id)
    if wanted.external_id:
        found = found.filter(external_id=wanted.external_id)
    if wanted.state:
        found = found.filter(voided_at__isnull=wanted.state != VOIDED)
    return found


def _named(text: str) -> Q:
    by_user = Q(app_user_id=text)
    try:
        return by_user | Q(pk=uuid.UUID(text))
    except ValueError:
        return by_user


def _some(
    campaigns: QuerySet[Campaign],
    found: RewardQuerySet,
    wanted: RewardFilter,
    place: Any,
    *,
    backwards: bool,
    size: int,
    columns: list[str] = COLUMNS,
    now: dt.datetime,
) -> list[Reward]:
    """Return the first rewards of ``found`` beyond ``place``. ``campaigns`` are all that they can be of."""
    order = ("issued_at", "pk") if backwards else ("-issued_at", "-pk")
    if place:
        found = found.filter(_beyond(*place, backwards=backwards))
    found = found.order_by(*order)
    if wanted.state in BY_CAMPAIGN:
        found = Reward.objects.filter(pk__in=_of_each_campaign(campaigns, found, wanted, size, now)).order_by(*order)
    return list(_with(found, columns)[:size])


def _with(found: RewardQuerySet, columns: list[str]) -> RewardQuerySet:
    """Load these columns alone, and the related rows that some of them are of."""
    related = sorted({name.rpartition("__")[0] for name in columns if "__" in name})
    return found.select_related(*related).only(*columns)


def _beyond(issued_at: dt.datetime, pk: uuid.UUID, *, backwards: bool) -> Q:
    """Return a condition that lets an index on (issued_at, id) start at the given row."""
    if backwards:
        return Q(issued_at__gte=issued_at) & (Q(issued_at__gt=issued_at) | Q(pk__gt=pk))
    return Q(issued_at__lte=issued_at) & (Q(issued_at__lt=issued_at) | Q(pk__lt=pk))


def _of_each_campaign(
    campaigns: QuerySet[Campaign], found: RewardQuerySet, wanted: RewardFilter, size: int, now: dt.datetime
) -> list[uuid.UUID]:
    """Return the first ids of each campaign whose window is closed, or open, as requested."""
    closed = Q(rewards_expire_at__lte=now)
    campaigns = campaigns.filter(closed if wanted.state == CLOSED else ~closed)
    if wanted.campaign:
        campaigns = campaigns.filter(pk=wanted.campaign.pk)
    first = found.filter(campaign=OuterRef("pk")).values("pk")[:size]
    lists = campaigns.order_by().annotate(first=ArraySubquery(first)).values_list("first", flat=True)
    return [pk for ids in lists for pk in ids]


# For the API, whose keys are of one app


def rewards_of(app: App) -> RewardQuerySet:
    """Return the rewards of an app with the columns that the API shows."""
    return _with(Reward.objects.filter(app=app), API_COLUMNS)


def reward_of(app: App, pk: uuid.UUID | None) -> Reward:
    """Return one reward of an app. Raises ``RuleViolation`` for an id of none."""
    found = rewards_of(app).filter(pk=pk).first() if pk else None
    if found is None:
        raise RuleViolation("unknown_reward", "There is no reward with this id in your app.")
    return found


def next_rewards(
    app: App, wanted: RewardFilter, *, after: Reward | None = None, size: int, now: dt.datetime
) -> list[Reward]:
    """Return rewards of an app, newest first: those older than ``after``."""
    campaigns = Campaign.objects.filter(app=app)
    found = Reward.objects.filter(app=app, organization=app.organization_id)  # an index of users begins with it
    if wanted.campaign:
        found = found.filter(campaign=wanted.campaign)
    elif wanted.external_id:
        found = found.filter(campaign__in=campaigns.values("pk"))  # so does the index of external ids
    place = (after.issued_at, after.pk) if after else None
    found = _narrowed(found, wanted)
    return _some(campaigns, found, wanted, place, backwards=False, size=size, columns=API_COLUMNS, now=now)
