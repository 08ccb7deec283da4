"""Console pages for the audit log and its CSV export."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.organizations.access import MANAGERS, MemberRequest, member_required
from accounts.organizations.audit import AuditEvent, record
from console.audit.entries import as_text, entries_of, place_in
from console.audit.forms import AuditForm
from moments import clock
from moments.web.csv_out import csv_response

PAGE = 50


@require_safe
@member_required(*MANAGERS)
def audit(request: MemberRequest) -> HttpResponse:
    form = AuditForm(request.GET, member=request.member)
    lines = list(
        islice(entries_of(request.member, form.wanted(), before=place_in(request.GET.get("before", ""))), PAGE + 1)
    )
    kept = request.GET.copy()
    kept.pop("before", None)
    context = {
        "form": form,
        "lines": lines[:PAGE],
        "older": as_text(lines[PAGE - 1].place) if len(lines) > PAGE else None,
        "filters": kept.urlencode(),
    }
    return render(request, "console/audit/log.html", context)


@require_safe
@member_required(*MANAGERS)
def export(request: MemberRequest) -> StreamingHttpResponse:
    """Export all entries that match the form as CSV. The export is logged."""
    now = clock.now()
    wanted = AuditForm(request.GET, member=request.member).wanted()
    wanted = replace(wanted, until=min(filter(None, [wanted.until, now])))
    record(request.member.organization, AuditEvent.EXPORTED, "audit log", by=request.user, now=now)
    return csv_response(exported(entries_of(request.member, wanted)), name=f"audit-{now:%Y%m%d-%H%M}")


def exported(lines: Iterable[Any]) -> Iterator[Sequence[Any]]:
    yield ["at", "who", "what", "about"]
    for line in lines:
        yield [line.at.isoformat(), line.by.email if line.by else "", line.what, line.about]
