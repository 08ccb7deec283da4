"""A user's points: balances, ledger, adjustments, the link to the hosted page; and the program itself."""

import datetime as dt
from typing import Any, cast

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema, Status
from pydantic import StrictInt

from api.v1.shapes import (
    PROBLEMS,
    CallerRequest,
    Strict,
    idempotency_key,
    instant,
    instant_or_none,
    page_of,
    refuse_bad_id,
    refuse_unstorable,
)
from moments import clock, money
from moments.registry import absolute_url
from rewards.models import PointEntry, PointRule, PointsProgram
from rewards.points.adjustments import adjust_points
from rewards.points.balances import TierProgress, entries_of, tier_name, user_points
from rewards.points.hosted_page.links import DEFAULT, create_page_link
from rewards.points.lookups import program_of
from rewards.points.setup.tiers import tiers_of

router = Router(tags=["points"])


class ExpiryOut(Schema):
    points: int
    expires_at: str = Field(description="RFC 3339.")


class TierOut(Schema):
    id: int
    points: int
    name: str
    picture: str | None = Field(description="Address of a picture.")
    progress: int = Field(description="Percent of the points that are available, 0 to 100.")
    can_exchange: bool
    automatic: bool
    once: bool = Field(description="True: a user can exchange points for it once.")
    used: bool = Field(description="True: it is for once, and the user has had it.")
    status: str | None = Field(description="The status that it needs.")


class PointsOut(Schema):
    user_id: str
    available: int
    pending: int = Field(description="Earned, not to be spent yet.")
    owed: int = Field(description="Taken back after it was spent; the next credits pay it.")
    expiring: list[ExpiryOut] = Field(description="The next dates at which points expire, 30 at most.")
    status: str | None
    tiers: list[TierOut]


class EntryOut(Schema):
    id: int
    kind: str = Field(description="credit, debit, reversal, expiry, or adjustment.")
    points: int = Field(description="Positive for credits, negative for debits.")
    action: str | None
    event_id: str | None
    reason: str | None
    occurred_at: str = Field(description="RFC 3339: the event's own time.")
    recorded_at: str = Field(description="RFC 3339.")
    available_at: str | None = Field(description="From when the points can be spent; null: at once.")
    expires_at: str | None


class EntriesOut(Schema):
    data: list[EntryOut]
    next: str | None = Field(description="Send it as cursor for the next page; null on the last.")


class AdjustmentIn(Strict):
    points: StrictInt = Field(ge=-1_000_000_000, le=1_000_000_000, description="Negative to take points.")
    reason: str = Field(min_length=1, max_length=300)


class AdjustmentOut(Schema):
    points: int
    available: int
    pending: int
    owed: int


class PageIn(Strict):
    ttl_seconds: StrictInt = Field(int(DEFAULT.total_seconds()), ge=60, le=86_400)


class PageOut(Schema):
    url: str = Field(description="For this user alone; do not store it.")
    expires_at: str = Field(description="RFC 3339.")


class ProgramOut(Schema):
    id: str
    name: str
    time_zone: str
    points_valid_days: int | None = Field(description="Null: points never expire.")
    pending_days: int
    rules: list[dict[str, Any]]
    categories: list[dict[str, str]]
    tiers: list[dict[str, Any]]
    statuses: list[dict[str, Any]]


@router.get("/users/{id:user_id}/points", response={200: PointsOut, **PROBLEMS}, summary="A user's balance and tiers")
def get_points(request: CallerRequest, user_id: str) -> PointsOut:
    refuse_bad_id("user_id", user_id)
    program = program_of(request.auth.app)
    found = user_points(program, user_id, is_live=request.auth.is_live, now=clock.now())
    return PointsOut(
        user_id=user_id,
        available=found.balance.available,
        pending=found.balance.pending,
        owed=found.balance.owed,
        expiring=[ExpiryOut(points=one.points, expires_at=instant(one.expires_at)) for one in found.expiring],
        status=found.status.name if found.status else None,
        tiers=[_tier(one) for one in found.tiers],
    )


def _tier(shown: TierProgress) -> TierOut:
    tier = shown.tier
    return TierOut(
        id=tier.pk,
        points=tier.points,
        name=shown.name,
        picture=absolute_url(f"/media/{shown.picture}") if shown.picture else None,
        progress=shown.progress,
        can_exchange=shown.can_exchange,
        automatic=tier.is_automatic,
        once=tier.is_once,
        used=shown.is_used,
        status=tier.status.name if tier.status else None,
    )


@router.get("/users/{id:user_id}/points/entries", response={200: EntriesOut, **PROBLEMS}, summary="A user's ledger")
def get_entries(
    request: CallerRequest, user_id: str, limit: int = Query(50, ge=1, le=200), cursor: str = ""
) -> EntriesOut:
    """Every credit and debit of the user, the newest first."""
    refuse_bad_id("user_id", user_id)
    entries = entries_of(program_of(request.auth.app), user_id, is_live=request.auth.is_live)
    page, following = page_of(entries, limit, cursor)
    return EntriesOut(data=[_entry(cast(PointEntry, entry)) for entry in page], next=following)


def _entry(entry: PointEntry) -> EntryOut:
    return EntryOut(
        id=entry.pk,
        kind=entry.kind,
        points=entry.amount,
        action=entry.action or None,
        event_id=entry.event.event_id if entry.event else None,
        reason=entry.reason or None,
        occurred_at=instant(entry.occurred_at),
        recorded_at=instant(entry.recorded_at),
        available_at=instant_or_none(entry.batch.available_at if entry.batch else None),
        expires_at=instant_or_none(entry.batch.expires_at if entry.batch else None),
    )


@router.post(
    "/users/{id:user_id}/points/adjustments",
    response={200: AdjustmentOut, 201: AdjustmentOut, **PROBLEMS},
    summary="Give or take points with a reason",
)
def post_adjustment(
    request: CallerRequest, user_id: str, body: AdjustmentIn, response: HttpResponse
) -> Status[AdjustmentOut]:
    """Needs an ``Idempotency-Key`` header. Never takes more than is available. The organization's audit log has it."""
    key = idempotency_key(request)
    refuse_bad_id("user_id", user_id)
    refuse_unstorable(body.reason)
    done = adjust_points(
        program_of(request.auth.app),
        app_user_id=user_id,
        points=body.points,
        reason=body.reason,
        idempotency_key=key,
        app=request.auth.app,
        is_live=request.auth.is_live,
        now=clock.now(),
    )
    if done.is_replay:
        response["Idempotent-Replayed"] = "true"
    out = AdjustmentOut(points=done.points, available=done.available, pending=done.pending, owed=done.owed)
    return Status(200 if done.is_replay else 201, out)


@router.post(
    "/users/{id:user_id}/points-page", response={201: PageOut, **PROBLEMS}, summary="A link to the user's points page"
)
def post_points_page(request: CallerRequest, user_id: str, body: PageIn | None = None) -> Status[PageOut]:
    """Works for 15 minutes, or as long as ``ttl_seconds`` says, a day at most. It needs no account."""
    refuse_bad_id("user_id", user_id)
    lifetime = dt.timedelta(seconds=(body or PageIn.model_validate({})).ttl_seconds)
    caller = request.auth
    link = create_page_link(caller.app, user_id, lifetime=lifetime, is_live=caller.is_live, now=clock.now())
    return Status(201, PageOut(url=link.url, expires_at=instant(link.expires_at)))


@router.get("/program", response={200: ProgramOut, **PROBLEMS}, summary="Rules, categories, tiers, and statuses")
def get_program(request: CallerRequest) -> ProgramOut:
    program = program_of(request.auth.app)
    rules = program.rules.filter(deleted_at=None).select_related("category").prefetch_related("versions")
    tiers = tiers_of(program).prefetch_related("group__choices__product")
    return ProgramOut(
        id=str(program.pk),
        name=program.name,
        time_zone=program.time_zone,
        points_valid_days=program.points_valid_days,
        pending_days=program.pending_days,
        rules=[_rule(rule, program) for rule in rules],
        categories=[{"key": found.key, "name": str(found)} for found in program.categories.all()],
        tiers=[
            {
                "id": tier.pk,
                "points": tier.points,
                "name": tier_name(tier),
                "automatic": tier.is_automatic,
                "once": tier.is_once,
                "status": tier.status.name if tier.status else None,
                "campaign": str(tier.moment.campaign_id),
                "moment": tier.moment.key,
                "group": tier.group.key,
            }
            for tier in tiers
        ],
        statuses=[
            {
                "name": status.name,
                "points": status.threshold,
                "period_days": status.period_days,
                "grace_days": status.grace_days,
            }
            for status in program.statuses.all()
        ],
    )


def _rule(rule: PointRule, program: PointsProgram) -> dict[str, Any]:
    version = rule.current
    minimum = version.minimum_amount_minor
    valid_days = program.points_valid_days if version.points_valid_days is None else version.points_valid_days
    return {
        "id": rule.pk,
        "action": rule.action,
        "category": rule.category.key if rule.category else None,
        "active": rule.is_active,
        "points_per_event": version.points_per_event,
        "points_per_quantity": version.points_per_quantity,
        "points_per_amount": f"{version.points_per_amount:f}",
        "currency": version.currency or None,
        "minimum_quantity": version.minimum_quantity,
        "minimum_amount": None if minimum is None else money.as_text(minimum, version.currency),
        "daily_cap": version.daily_cap,
        "weekly_cap": version.weekly_cap,
        "lifetime_cap": version.lifetime_cap,
        "valid_from": instant_or_none(version.valid_from),
        "valid_until": instant_or_none(version.valid_until),
        "pending_days": program.pending_days if version.pending_days is None else version.pending_days,
        "points_valid_days": valid_days,
    }
