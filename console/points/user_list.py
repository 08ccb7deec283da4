"""Users of a program in a list: page by page, by points or by id, all or those whose id begins with a text.

Every page is one short look into an index, however many users there are.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, Lookup, OuterRef, QuerySet, Subquery
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from moments.web.pagination import Page, page_of
from rewards.models import PointAccount, PointEntry, PointsProgram
from rewards.points.balances import Balance, balances_of
from rewards.points.lookups import LIVE

BY_POINTS, BY_ID = "points", "id"
CHUNK = 1000


@dataclass(frozen=True)
class UserFilter:
    """``prefix`` is the beginning of an id, in the case in which the app sent it. Users found by it are in the order of
    their ids; otherwise ``sort`` decides: those with the most available points first, or by id.
    """

    prefix: str = ""
    sort: str = BY_POINTS

    @property
    def is_by_id(self) -> bool:
        return bool(self.prefix) or self.sort == BY_ID


@dataclass(frozen=True)
class ListedUser:
    """``earned_at`` is the time of the last event that earned points."""

    account: PointAccount
    balance: Balance
    earned_at: dt.datetime | None


def page_of_users(
    program: PointsProgram,
    wanted: UserFilter,
    *,
    after: int | None = None,
    before: int | None = None,
    size: int = 50,
) -> Page[PointAccount]:
    """Accounts that follow the account ``after``, or that precede the account ``before``."""
    anchor = before or after
    found = matching(program, wanted)
    place = found.filter(pk=anchor).first() if anchor else None
    backwards = bool(before and place)
    rows = _some(found, wanted, place, backwards=backwards, size=size + 1)
    return page_of(rows, size=size, is_first=not place, backwards=backwards)


def every_user(program: PointsProgram, wanted: UserFilter, *, now: dt.datetime) -> Iterator[ListedUser]:
    """Each match, read in chunks."""
    found, place = matching(program, wanted), None
    while rows := _some(found, wanted, place, backwards=False, size=CHUNK):
        yield from listed(program, rows, now=now)
        place = rows[-1]


def listed(program: PointsProgram, accounts: list[PointAccount], *, now: dt.datetime) -> list[ListedUser]:
    """With their balances at ``now``."""
    balances = balances_of(program, LIVE, [account.app_user_id for account in accounts], now)
    credits_of = PointEntry.objects.filter(account=OuterRef("pk"), kind=PointEntry.Kind.CREDIT).order_by("-id")
    last = PointAccount.objects.filter(pk__in=[account.pk for account in accounts])
    earned = dict(last.values_list("pk", Subquery(credits_of.values("occurred_at")[:1])))
    return [ListedUser(account, balances[account.app_user_id], earned[account.pk]) for account in accounts]


def matching(program: PointsProgram, wanted: UserFilter) -> QuerySet[PointAccount]:
    found = PointAccount.objects.filter(program=program, test_ledger=LIVE).prefetch_related("status")
    return found.filter(app_user_id__startswith=wanted.prefix) if wanted.prefix else found


def _some(
    found: QuerySet[PointAccount], wanted: UserFilter, place: PointAccount | None, *, backwards: bool, size: int
) -> list[PointAccount]:
    if wanted.is_by_id:
        if place:
            found = found.filter(**{"app_user_id__lt" if backwards else "app_user_id__gt": place.app_user_id})
        return list(found.order_by("-app_user_id" if backwards else "app_user_id")[:size])
    if place:
        found = found.filter(_beyond(place, backwards=backwards))
    return list(found.order_by(*(("available", "id") if backwards else ("-available", "-id")))[:size])


def _beyond(place: PointAccount, *, backwards: bool) -> Lookup:
    """Compares (available, id) as a row: the index begins at the account even where many have as many points."""
    compare = TupleGreaterThan if backwards else TupleLessThan
    return compare(Tuple(F("available"), F("id")), (place.available, place.pk))
