"""Console pages: the users of a points program, looked up by the beginning of their ids, and as CSV."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.organizations.access import MemberRequest, member_required
from accounts.organizations.audit import AuditEvent, record
from console.points.access import program_of
from console.points.user_list import BY_ID, BY_POINTS, UserFilter, every_user, listed, page_of_users
from moments import clock
from moments.web.csv_out import csv_response
from moments.web.pagination import number_place_of, without_place
from rewards.models import PointsProgram

PAGE = 50
EXPORTED = ["user_id", "available", "pending", "owed", "status", "last_earned_at"]


def filter_of(request: MemberRequest) -> UserFilter:
    prefix = request.GET.get("user", "").replace("\x00", "").strip()[:128]
    return UserFilter(prefix, BY_ID if request.GET.get("sort") == BY_ID else BY_POINTS)


@require_safe
@member_required()
def users(request: MemberRequest, pk: UUID) -> HttpResponse:
    """All users, or those whose id begins with what was searched for. A search with one result opens it."""
    program, wanted, now = program_of(request, pk), filter_of(request), clock.now()
    page = page_of_users(program, wanted, **number_place_of(request), size=PAGE)
    if wanted.prefix and len(page.rows) == 1 and not page.before:
        return redirect("console:points:user", pk, page.rows[0].pk)
    context = {
        "program": program,
        "page": page,
        "rows": listed(program, page.rows, now=now),
        "wanted": wanted,
        "filters": without_place(request).urlencode(),
    }
    return render(request, "console/points/users.html", context)


@require_safe
@member_required()
def export_users(request: MemberRequest, pk: UUID) -> StreamingHttpResponse:
    """The same rows, in the same order, without pages."""
    program, wanted, now = program_of(request, pk), filter_of(request), clock.now()
    about = f"{program.name}: {wanted.prefix}…" if wanted.prefix else program.name
    record(request.member.organization, AuditEvent.EXPORTED, about, by=request.user, now=now)
    return csv_response(exported(program, wanted, now), name=f"points-users-{now:%Y%m%d-%H%M}")


def exported(program: PointsProgram, wanted: UserFilter, now: dt.datetime) -> Iterator[Sequence[Any]]:
    yield EXPORTED
    for user in every_user(program, wanted, now=now):
        account, balance = user.account, user.balance
        earned = user.earned_at.isoformat() if user.earned_at else ""
        yield [account.app_user_id, balance.available, balance.pending, balance.owed, account.status or "", earned]
