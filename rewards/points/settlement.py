"""Bookkeeping of what the clock has done: points that became available, points that expired, and those about to.

Balances are right without it: whoever reads computes what is due, and whoever posts writes it. This keeps the counters
of quiet accounts, lists, and totals up to date, and makes the automatic exchanges of points that were pending.
"""

import datetime as dt
from itertools import groupby

from django.db import transaction
from django.db.models import Q, Sum

from outbox.service import record_event
from rewards.models import PointAccount, PointBatch, PointEntry, PointEvent, PointsProgram
from rewards.points import event_emails
from rewards.points.automatic import automatic_tiers, exchange_automatically
from rewards.points.ledger import Posting
from rewards.points.lookups import LIVE

MOST = 200  # accounts in one transaction
EXPIRING_WITHIN = dt.timedelta(days=7)


def settle_due(*, now: dt.datetime, most: int = 10_000) -> int:
    """Settle accounts whose points changed by the clock; how many."""
    settled = 0
    while settled < most:
        due = PointAccount.objects.filter(due_at__lte=now).order_by("due_at")[:MOST]
        found = sorted(due.values_list("program_id", "test_ledger", "app_user_id"))
        for (program, ledger), rows in groupby(found, key=lambda row: row[:2]):
            with transaction.atomic():
                posting = Posting(PointsProgram.objects.get(pk=program), ledger, now=now)
                posting.open(user for _program, _ledger, user in rows)
                posting.exchanges(posting.accounts.values())
                posting.save()
                exchange_matured(posting, now=now)
                posting.close()
        settled += len(found)
        if len(found) < MOST:
            break
    event_emails.forget_settled(now=now)
    return settled


def exchange_matured(posting: Posting, *, now: dt.datetime) -> None:
    """Automatic exchanges of points that were pending when their event was counted, caused by that event."""
    tiers = automatic_tiers(posting.program)
    if not tiers:
        return
    lowest = min(tier.points for tier in tiers)
    for account in sorted(posting.accounts.values(), key=lambda one: one.pk):
        if account.available >= lowest and (event := last_matured_event_of(account.pk, now=now)):
            email = event_emails.email_of(event.pk)
            exchange_automatically(posting, account, tiers, event=event, email=email, now=now)


def last_matured_event_of(account_id: int, *, now: dt.datetime) -> PointEvent | None:
    """The last event of those whose points became available last."""
    credits = PointEntry.objects.filter(account=account_id, kind=PointEntry.Kind.CREDIT, event__isnull=False)
    credits = credits.select_related("event__app").order_by("-id")
    matured = PointBatch.objects.filter(account=account_id, available_at__lte=now).order_by("-available_at", "-id")
    entry = credits.filter(batch=matured[0]).first() if matured else None
    entry = entry or credits.first()
    return entry.event if entry else None


def announce_expiring(*, now: dt.datetime) -> int:
    """Record ``points.expiring`` for live points that expire within a week, once for a user and date; how many."""
    due = PointBatch.objects.filter(
        Q(available_at=None) | Q(available_at__lte=now),
        account__test_ledger=LIVE,
        remaining__gt=0,
        expires_at__gt=now,
        expires_at__lte=now + EXPIRING_WITHIN,
    )
    of_user = ("account_id", "account__app_user_id", "account__program", "expires_at")
    rows = due.values_list(*of_user).annotate(points=Sum("remaining")).order_by("account_id", "expires_at")
    programs = {program.pk: program for program in PointsProgram.objects.select_related("organization")}
    announced = 0
    for account, user, program, expires_at, points in rows.iterator(chunk_size=2000):
        payload = {"user": user, "program": str(program), "points": points, "expires_at": expires_at.isoformat()}
        key = f"points.expiring:{account}:{expires_at:%Y-%m-%dT%H:%M}"
        organization = programs[program].organization
        if record_event(organization, "points.expiring", payload, dedupe_key=key, now=now):
            announced += 1
    return announced
