"""Setting up a points program: its apps, its periods, its test ledger."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import App, Member
from accounts.organizations.audit import AuditEvent, record
from accounts.organizations.service import require_role
from moments.errors import RuleViolation, is_violation_of
from rewards.models import PointsProgram, ProgramApp


def create_program(
    member: Member,
    *,
    name: str,
    time_zone: str,
    apps: list[App],
    points_valid_days: int | None = None,
    pending_days: int = 0,
    now: dt.datetime,
) -> PointsProgram:
    """A program over ``apps``. Refuses an app that is in another one."""
    require_role(member, *Member.EDITORS)
    try:
        with transaction.atomic():
            program = PointsProgram.objects.create(
                organization=member.organization,
                name=name.strip(),
                time_zone=time_zone,
                points_valid_days=points_valid_days,
                pending_days=pending_days,
                created_at=now,
            )
            ProgramApp.objects.bulk_create(ProgramApp(program=program, app=app, joined_at=now) for app in apps)
            record(program.organization, AuditEvent.POINTS_CHANGED, program.name, by=member.user, now=now)
    except IntegrityError as error:
        if is_violation_of(error, "program_name_once"):
            raise _name_taken(name) from None
        if is_violation_of(error, "program_app_once"):
            raise _app_taken(*apps) from None
        raise
    return program


def edit_program(
    program: PointsProgram,
    *,
    name: str,
    points_valid_days: int | None,
    pending_days: int,
    by: Member,
    now: dt.datetime,
) -> None:
    """What points were credited before keep their days. The time zone stays: caps have counted its days."""
    require_role(by, *Member.EDITORS)
    program.name, program.points_valid_days, program.pending_days = name.strip(), points_valid_days, pending_days
    try:
        with transaction.atomic():
            program.save(update_fields=["name", "points_valid_days", "pending_days"])
            record(program.organization, AuditEvent.POINTS_CHANGED, program.name, by=by.user, now=now)
    except IntegrityError as error:
        if is_violation_of(error, "program_name_once"):
            raise _name_taken(name) from None
        raise


def join_app(program: PointsProgram, app: App, *, by: Member, now: dt.datetime) -> None:
    """From now on, events of ``app`` count for the program's users."""
    require_role(by, *Member.EDITORS)
    if app.organization_id != program.organization_id:
        raise RuleViolation("unknown_app", _("Your organization has no such app."), field="app")
    try:
        with transaction.atomic():
            ProgramApp.objects.create(program=program, app=app, joined_at=now)
            record(
                program.organization, AuditEvent.POINTS_CHANGED, f"{program.name}: + {app.name}", by=by.user, now=now
            )
    except IntegrityError as error:
        if is_violation_of(error, "program_app_once"):
            raise _app_taken(app) from None
        raise


def leave_app(program: PointsProgram, app: App, *, by: Member, now: dt.datetime) -> None:
    """Events of ``app`` count no more; points that they earned stay with the program's users."""
    require_role(by, *Member.EDITORS)
    with transaction.atomic():
        link = ProgramApp.objects.filter(program=program, app=app, left_at=None)
        if not link.update(left_at=now):
            raise RuleViolation("unknown_app", _("The app “%s” is not in this program.") % app, field="app")
        record(program.organization, AuditEvent.POINTS_CHANGED, f"{program.name}: − {app.name}", by=by.user, now=now)


def clear_test_ledger(program: PointsProgram, *, by: Member, now: dt.datetime) -> None:
    """Test keys begin with an empty ledger; live points stay as they are.

    The ledger is append-only, so nothing is deleted: test keys move on to a ledger with the next number.
    """
    require_role(by, *Member.EDITORS)
    with transaction.atomic():
        PointsProgram.objects.filter(pk=program.pk).update(test_ledger=F("test_ledger") + 1)
        record(program.organization, AuditEvent.POINTS_CHANGED, f"{program.name}: test ledger", by=by.user, now=now)
    program.refresh_from_db(fields=["test_ledger"])


def _name_taken(name: str) -> RuleViolation:
    message = _("You already have a points program named “%s”.") % name
    return RuleViolation("program_taken", message, field="name")


def _app_taken(*apps: App) -> RuleViolation:
    taken = ProgramApp.objects.filter(app__in=apps, left_at=None).order_by("app__name")
    names = ", ".join(taken.values_list("app__name", flat=True))
    message = _("Already in a points program: %s. An app can be in one program at a time.") % names
    return RuleViolation("app_taken", message, field="apps")
