"""The ledger of points: append-only entries, and one balance per user that they add up to."""

import datetime as dt
import hashlib

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from accounts.models import App
from moments.errors import RuleViolation
from rewards.models import PointAccount, PointEntry, PointsProgram


def program_of(app: App) -> PointsProgram:
    program = PointsProgram.objects.filter(apps=app).first()
    if program is None:
        raise RuleViolation("no_program", _("This app is not in a points program."))
    return program


def refuse_blank(**texts: str) -> None:
    """An empty id names nobody: it is refused, never read as absent."""
    for name, text in texts.items():
        if not text.strip():
            message = _("%(name)s is empty; send at least one character.") % {"name": name}
            raise RuleViolation("invalid_request", message, field=name)


def fingerprint_of(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def balance_of(app: App, app_user_id: str) -> PointAccount:
    """The user's account; an unsaved, empty one where the user has none yet."""
    program = program_of(app)
    found = PointAccount.objects.filter(program=program, app_user_id=app_user_id).first()
    return found or PointAccount(program=program, app_user_id=app_user_id)


def locked_account(program: PointsProgram, app_user_id: str) -> PointAccount:
    """The user's account, created where missing and locked until the transaction ends."""
    PointAccount.objects.bulk_create([PointAccount(program=program, app_user_id=app_user_id)], ignore_conflicts=True)
    return PointAccount.objects.select_for_update(no_key=True).get(program=program, app_user_id=app_user_id)


def write_entry(account: PointAccount, amount: int, kind: str, reference: str, action: str, now: dt.datetime) -> None:
    """Append one entry and move the balance with it. A credit pays what is owed first. The account is locked."""
    PointEntry.objects.create(account=account, kind=kind, amount=amount, reference=reference, action=action, at=now)
    if amount > 0:
        repaid = min(account.owed, amount)
        PointAccount.objects.filter(pk=account.pk).update(
            owed=F("owed") - repaid, available=F("available") + amount - repaid
        )
    elif not PointAccount.objects.filter(pk=account.pk, available__gte=-amount).update(
        available=F("available") + amount
    ):
        raise RuleViolation("not_enough_points", _("The user has fewer than %d points.") % -amount)
    account.refresh_from_db(fields=["available", "owed"])


def sum_of(entries) -> int:
    """Points that ``entries`` add up to; credits count up, debits down."""
    return entries.aggregate(sum=Sum("amount"))["sum"] or 0
