"""Points given or taken by hand, with a reason."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import App, Member
from accounts.organizations.audit import AuditEvent, record
from accounts.organizations.service import require_role
from moments.errors import RuleViolation
from rewards.models import PointAdjustment, PointEntry, PointsProgram
from rewards.points.ledger import Kind, lock_account
from rewards.points.lookups import fingerprint_of, key_reused, ledger_of, refuse_blank

MOST = 1_000_000_000


@dataclass(frozen=True)
class AdjustmentResult:
    points: int
    available: int
    pending: int
    owed: int
    is_replay: bool = False


def adjust_points(
    program: PointsProgram,
    *,
    app_user_id: str,
    points: int,
    reason: str,
    idempotency_key: str,
    app: App | None = None,
    is_live: bool = True,
    by: Member | None = None,
    now: dt.datetime,
) -> AdjustmentResult:
    """Credit ``points``, or take them where they are negative. By a member, or by ``app``'s server.

    What is given expires as points of today's events do, and is available at once. Never takes more than is available.
    Of the live ledger, the audit log tells who, whom, how much, and why. Refusals: ``invalid_request``,
    ``insufficient_points``, ``idempotency_key_reused``.
    """
    if by is not None:
        require_role(by, *Member.EDITORS)
    refuse_blank(user_id=app_user_id, reason=reason, idempotency_key=idempotency_key)
    if points == 0 or abs(points) > MOST:
        message = _("points is %(points)d; send a number from -%(most)d to %(most)d other than 0.")
        raise RuleViolation("invalid_request", message % {"points": points, "most": MOST}, field="points")
    ledger = ledger_of(program, is_live=is_live)
    fingerprint = fingerprint_of(app_user_id, points, reason)
    with transaction.atomic():
        posting, account = lock_account(program, app_user_id, test_ledger=ledger, now=now)
        known = PointAdjustment.objects.filter(app=app, idempotency_key=idempotency_key, test_ledger=ledger)
        if done := known.first():
            if done.fingerprint != fingerprint:
                raise key_reused(idempotency_key)
            posting.close()
            return AdjustmentResult(done.points, account.available, account.pending, account.owed, is_replay=True)
        reference = f"adjustment:{app.pk if app else program.pk}:{ledger}:{fingerprint_of(idempotency_key)}"
        line: dict[str, Any] = {"reference": reference, "occurred_at": now, "reason": reason[:300]}
        user = by.user if by else None
        if points > 0:
            _wait, expires_at = posting.calendar.periods(posting.calendar.day_of(now), pending_days=0)
            posting.credit(
                account,
                points,
                kind=Kind.ADJUSTMENT,
                expires_at=expires_at,
                actor_id=user.pk if user else None,
                **line,
            )
        else:
            posting.debit(account, -points, kind=Kind.ADJUSTMENT, actor_id=user.pk if user else None, **line)
        posting.close()
        PointAdjustment.objects.create(
            account_id=account.pk,
            app=app,
            idempotency_key=idempotency_key,
            fingerprint=fingerprint,
            entry=PointEntry.objects.get(reference=reference),
            points=points,
            reason=reason[:300],
            actor=user,
            recorded_at=now,
            test_ledger=ledger,
        )
        if is_live:
            about = f"{program.name}: {app_user_id} {points:+d}: {reason}"
            record(program.organization, AuditEvent.POINTS_ADJUSTED, about, by=user, now=now)
    return AdjustmentResult(points, account.available, account.pending, account.owed)
