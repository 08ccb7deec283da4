"""What points are worth: tiers, and what they could cost."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import Member
from campaigns.models import Moment, MomentCost, RewardGroup
from moments.errors import RuleViolation, is_violation_of
from rewards.models import PointsProgram, PointStatus, PointTier
from rewards.points.lookups import record_points_change, require_editor
from rewards.points.setup.stale_edits import refuse_stale


@dataclass(frozen=True)
class TierForecast:
    """What a tier means for balances that exist: who has enough, and what exchanging all of it would cost at most."""

    users: int
    exchanges: int
    cost_cents: int
    outstanding_points: int
    liability_cents: int


def add_tier(
    program: PointsProgram,
    *,
    points: int,
    group: RewardGroup,
    is_automatic: bool = False,
    moment: Moment | None = None,
    name: str = "",
    is_once: bool = False,
    status: PointStatus | None = None,
    includes_old_balances: bool = False,
    by: Member | None = None,
    now: dt.datetime,
) -> PointTier:
    """So many points are worth the reward of ``moment`` (the campaign's first) from ``group``.

    An automatic tier exchanges points that are earned from now on, never balances that are there already or pending,
    unless the member confirmed that with ``includes_old_balances``.
    """
    require_editor(by)
    _refuse_foreign(program, group, moment)
    try:
        with transaction.atomic():
            tier = PointTier.objects.create(
                program=program,
                points=points,
                name=name.strip(),
                moment=moment or group.campaign.moments.order_by("position", "id")[0],
                group=group,
                is_once=is_once,
                status=status,
                is_automatic=is_automatic,
                vintage=_vintage(program, includes_old_balances) if is_automatic else None,
            )
            record_points_change(program, f"+ {tier}", by, now)
    except IntegrityError as error:
        if is_violation_of(error, "point_tier_once"):
            raise _tier_taken(points) from None
        raise
    return tier


def edit_tier(
    tier: PointTier,
    *,
    includes_old_balances: bool = False,
    opened: str | None = None,
    by: Member | None = None,
    now: dt.datetime,
    **values: Any,
) -> None:
    """``values``: points, name, group, moment, status, is_once, is_automatic. Exchanges made before stay as they were.

    A tier that becomes automatic does so for points earned from now on, as a new one does. Raises ``Conflict`` if the
    tier is no longer as it was when its form was ``opened`` (``stale_edits.state_of``).
    """
    require_editor(by)
    if "group" in values or "moment" in values:
        _refuse_foreign(tier.program, values.get("group", tier.group), values.get("moment"))
        values.setdefault("moment", values.get("group", tier.group).campaign.moments.order_by("position", "id")[0])
    try:
        with transaction.atomic():
            locked = _locked(tier)
            refuse_stale(locked, opened)
            was_automatic = locked.is_automatic
            if values.get("is_automatic", was_automatic) and (not was_automatic or includes_old_balances):
                values["vintage"] = _vintage(locked.program, includes_old_balances)
            for name, value in values.items():
                setattr(locked, name, value)
            locked.save(update_fields=[*values])
            record_points_change(locked.program, str(locked), by, now)
    except IntegrityError as error:
        if is_violation_of(error, "point_tier_once"):
            raise _tier_taken(values["points"]) from None
        raise
    for name, value in values.items():
        setattr(tier, name, value)


def retire_tier(tier: PointTier, *, by: Member | None = None, now: dt.datetime) -> None:
    """Nobody can exchange for it any more. What was exchanged stays."""
    require_editor(by)
    with transaction.atomic():
        PointTier.objects.filter(pk=tier.pk, retired_at=None).update(retired_at=now)
        record_points_change(tier.program, f"− {tier}", by, now)
    tier.retired_at = now


def _locked(tier: PointTier) -> PointTier:
    """Two edits of one tier wait for each other."""
    rows = PointTier.objects.select_for_update(of=("self",)).select_related("program", "moment", "group", "status")
    found = rows.get(pk=tier.pk)
    if found.retired_at is not None:
        raise RuleViolation("tier_retired", _("The tier “%s” was retired.") % found)
    return found


def tiers_of(program: PointsProgram) -> QuerySet[PointTier]:
    """Those that points can be exchanged for, the cheapest first."""
    related = ("moment__campaign__app", "group__marketplace", "status")
    return program.tiers.filter(retired_at=None).select_related(*related)


def forecast(
    program: PointsProgram,
    *,
    points: int,
    group: RewardGroup,
    moment: Moment | None = None,
    is_once: bool = False,
    instead_of: PointTier | None = None,
) -> TierForecast:
    """Shown before a tier is saved. ``instead_of`` is the tier as it was before an edit, whose rate ends."""
    cost = cost_of(group, moment)
    above = program.accounts.filter(test_ledger=0, available__gte=points)
    users = above.count()
    if is_once:
        had_it = above.filter(exchanges__tier=instead_of, exchanges__is_once=True) if instead_of else above.none()
        exchanges = users - had_it.count()
    else:
        exchanges = above.aggregate(exchanges=Sum(F("available") / points))["exchanges"] or 0
    outstanding = outstanding_points(program)
    rates = [*rates_of(program, without=instead_of), (cost, points)]
    return TierForecast(users, exchanges, exchanges * cost, outstanding, _at_most(outstanding, rates))


def outstanding_points(program: PointsProgram) -> int:
    """Available and pending points of all live users."""
    sums = program.accounts.filter(test_ledger=0).aggregate(sum=Sum(F("available") + F("pending")))
    return sums["sum"] or 0


def liability_cents(program: PointsProgram, outstanding: int) -> int:
    """Return the most that so many outstanding points can cost, in US cents: all at the highest cost per point."""
    return _at_most(outstanding, rates_of(program))


def _at_most(outstanding: int, rates: list[tuple[int, int]]) -> int:
    return max((outstanding * cents // points for cents, points in rates), default=0)


def rates_of(program: PointsProgram, *, without: PointTier | None = None) -> list[tuple[int, int]]:
    """Cost per action in US cents, and points, of each tier."""
    costs = {
        (moment, group): cents
        for moment, group, cents in MomentCost.objects.filter(group__campaign__organization=program.organization_id)
        .values_list("moment_id", "group_id", "cpa_cents")
        .filter(group__in=program.tiers.filter(retired_at=None).values("group"))
    }
    return [
        (costs.get((tier.moment_id, tier.group_id), 0), tier.points)
        for tier in program.tiers.filter(retired_at=None)
        if tier != without
    ]


def cost_of(group: RewardGroup, moment: Moment | None = None) -> int:
    """US cents for one reward; 0 while the campaign has no cost per action."""
    costs = MomentCost.objects.filter(group=group)
    if moment is not None:
        costs = costs.filter(moment=moment)
    return costs.aggregate(most=Max("cpa_cents"))["most"] or 0


def _vintage(program: PointsProgram, includes_old_balances: bool) -> int:
    """Points credited from now on are of the next vintage, which is the tier's first."""
    if includes_old_balances:
        return 0
    PointsProgram.objects.filter(pk=program.pk).update(vintage=F("vintage") + 1)
    program.refresh_from_db(fields=["vintage"])
    return program.vintage


def _refuse_foreign(program: PointsProgram, group: RewardGroup, moment: Moment | None) -> None:
    if group.campaign.organization_id != program.organization_id:
        raise RuleViolation("unknown_reward_group", _("Your organization has no such reward group."), field="group")
    if moment is not None and moment.campaign_id != group.campaign_id:
        raise RuleViolation("unknown_moment", _("The campaign has no such moment."), field="moment")


def _tier_taken(points: int) -> RuleViolation:
    return RuleViolation("tier_taken", _("There is already a tier at %d points.") % points, field="points")
