"""Setting up points: programmes, what earns, what it is worth."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import App, Member
from accounts.services import require_role
from campaigns.models import RewardGroup
from moments.errors import RuleViolation
from rewards.models import PointRule, PointsProgramme, PointTier, ProgrammeApp


def create_programme(
    member: Member, *, name: str, time_zone: str, apps: list[App], now: dt.datetime
) -> PointsProgramme:
    """A programme over ``apps``. Refuses an app that is in another one."""
    require_role(member, *Member.EDITORS)
    try:
        with transaction.atomic():
            programme = PointsProgramme.objects.create(
                organization=member.organization, name=name.strip(), time_zone=time_zone, created_at=now
            )
            ProgrammeApp.objects.bulk_create(ProgrammeApp(programme=programme, app=app) for app in apps)
    except IntegrityError:
        message = _("You have a programme named “%s” already, or one of the apps is in another one.") % name
        raise RuleViolation("programme_taken", message, field="name") from None
    return programme


def add_rule(programme: PointsProgramme, *, action: str, **fields) -> PointRule:
    if not fields["points_per_event"] and not fields["points_per_unit"]:
        message = _("A rule gives points per event, per unit spent, or both.")
        raise RuleViolation("empty_rule", message, field="points_per_event")
    try:
        with transaction.atomic():
            return PointRule.objects.create(programme=programme, action=action.strip(), **fields)
    except IntegrityError:
        message = _("There is a rule for “%s” already.") % action
        raise RuleViolation("rule_taken", message, field="action") from None


def remove_rule(rule: PointRule) -> None:
    """What it gave stays."""
    rule.delete()


def add_tier(programme: PointsProgramme, *, points: int, group: RewardGroup, is_automatic: bool) -> PointTier:
    """So many points are worth the reward of the campaign's first moment, from ``group``."""
    moment = group.campaign.moments.order_by("position", "id")[0]
    try:
        with transaction.atomic():
            return PointTier.objects.create(
                programme=programme, points=points, moment=moment, group=group, is_automatic=is_automatic
            )
    except IntegrityError:
        message = _("There is a tier at %d points already.") % points
        raise RuleViolation("tier_taken", message, field="points") from None
