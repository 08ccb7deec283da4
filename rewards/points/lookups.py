"""Whose program, whose account, which ledger; and what is refused before anything is looked up."""

import datetime as dt
import hashlib

from django.utils.translation import gettext as _

from accounts.models import App, Member
from accounts.organizations.audit import AuditEvent, record
from accounts.organizations.service import require_role
from moments.errors import RuleViolation
from rewards.models import PointAccount, PointsProgram, ProgramApp

LIVE = 0  # the number of the live ledger; those of test keys count from 1


def program_of(app: App) -> PointsProgram:
    """The program that the app is in now."""
    found = PointsProgram.objects.filter(program_apps__app=app, program_apps__left_at=None).first()
    if found is None:
        message = _("The app “%s” is not in a points program. Add it to one in the console, under Points.") % app
        raise RuleViolation("no_program", message)
    return found


def has_left(app: App) -> bool:
    """Whether the app was in a program and is in none now."""
    links = ProgramApp.objects.filter(app=app)
    return links.exists() and not links.filter(left_at=None).exists()


def ledger_of(program: PointsProgram, *, is_live: bool) -> int:
    return LIVE if is_live else program.test_ledger


def account_of(program: PointsProgram, app_user_id: str, *, is_live: bool = True) -> PointAccount:
    """The user's account as last settled; an unsaved, empty one where the user has none yet."""
    wanted = {"program": program, "app_user_id": app_user_id, "test_ledger": ledger_of(program, is_live=is_live)}
    return PointAccount.objects.filter(**wanted).first() or PointAccount(**wanted)


def refuse_blank(**texts: str) -> None:
    """An empty id names nobody: it is refused, never read as absent."""
    for name, text in texts.items():
        if not text.strip():
            message = _("%(name)s is empty; send at least one character.") % {"name": name}
            raise RuleViolation("invalid_request", message, field=name)


def key_reused(key: str) -> RuleViolation:
    message = _("The idempotency key “%s” was used before, for another request. Send a new key.") % key[:80]
    return RuleViolation("idempotency_key_reused", message)


def fingerprint_of(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def require_editor(by: Member | None) -> None:
    """Refuse members who may not edit. Commands act without a member."""
    if by is not None:
        require_role(by, *Member.EDITORS)


def record_points_change(program: PointsProgram, about: str, by: Member | None, now: dt.datetime) -> None:
    """Add a line about the program's setup to the audit log."""
    user = by.user if by else None
    record(program.organization, AuditEvent.POINTS_CHANGED, f"{program.name}: {about}", by=user, now=now)
