"""Setting up points: programs, what earns, what it is worth."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import App, Member
from accounts.organizations.service import require_role
from campaigns.models import RewardGroup
from moments.errors import RuleViolation, is_violation_of
from rewards.models import PointRule, PointsProgram, PointTier, ProgramApp

APP_ONCE = "rewards_programapp_app_id_key"  # the name that PostgreSQL gives the unique column


def create_program(member: Member, *, name: str, time_zone: str, apps: list[App], now: dt.datetime) -> PointsProgram:
    """A program over ``apps``. Refuses an app that is in another one."""
    require_role(member, *Member.EDITORS)
    try:
        with transaction.atomic():
            program = PointsProgram.objects.create(
                organization=member.organization, name=name.strip(), time_zone=time_zone, created_at=now
            )
            ProgramApp.objects.bulk_create(ProgramApp(program=program, app=app) for app in apps)
    except IntegrityError as error:
        if is_violation_of(error, "program_name_once"):
            message = _("You already have a points program named “%s”.") % name
            raise RuleViolation("program_taken", message, field="name") from None
        if is_violation_of(error, APP_ONCE):
            message = _("One of these apps is already in another points program.")
            raise RuleViolation("app_taken", message, field="apps") from None
        raise
    return program


def add_rule(program: PointsProgram, *, action: str, **fields) -> PointRule:
    if not fields["points_per_event"] and not fields["points_per_unit"]:
        message = _("A rule gives points per event, per unit spent, or both.")
        raise RuleViolation("empty_rule", message, field="points_per_event")
    try:
        with transaction.atomic():
            return PointRule.objects.create(program=program, action=action.strip(), **fields)
    except IntegrityError as error:
        if not is_violation_of(error, "point_rule_once"):
            raise
        message = _("There is already a rule for “%s”.") % action
        raise RuleViolation("rule_taken", message, field="action") from None


def remove_rule(rule: PointRule) -> None:
    """What it gave stays."""
    rule.delete()


def add_tier(
    program: PointsProgram, *, points: int, group: RewardGroup, is_automatic: bool, now: dt.datetime
) -> PointTier:
    """So many points are worth the reward of the campaign's first moment, from ``group``.

    An automatic tier exchanges points that are earned from ``now`` on, never balances that are there already.
    """
    moment = group.campaign.moments.order_by("position", "id")[0]
    try:
        with transaction.atomic():
            return PointTier.objects.create(
                program=program,
                points=points,
                moment=moment,
                group=group,
                is_automatic=is_automatic,
                automatic_since=now if is_automatic else None,
            )
    except IntegrityError as error:
        if not is_violation_of(error, "point_tier_once"):
            raise
        message = _("There is already a tier at %d points.") % points
        raise RuleViolation("tier_taken", message, field="points") from None
