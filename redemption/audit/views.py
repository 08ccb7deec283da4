"""Console pages: who did what, on a page and as a file."""

import datetime as dt
from itertools import islice

from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from accounts.access import MANAGERS, member_required
from accounts.audit import What, record
from moments import clock
from moments.csv_out import csv_response
from redemption.audit.forms import AuditForm
from redemption.audit.lines import lines_of

PAGE = 50


@require_safe
@member_required(*MANAGERS)
def audit(request):
    form = AuditForm(request.GET, member=request.member)
    lines = list(islice(lines_of(request.member, form.wanted(), before=place_of(request)), PAGE + 1))
    kept = request.GET.copy()
    kept.pop("before", None)
    context = {
        "form": form,
        "lines": lines[:PAGE],
        "older": lines[PAGE - 1].at.isoformat() if len(lines) > PAGE else None,
        "filters": kept.urlencode(),
    }
    return render(request, "redemption/audit.html", context)


def place_of(request) -> dt.datetime | None:
    """Where the page goes on; nonsense is the beginning."""
    try:
        found = parse_datetime(request.GET.get("before", ""))
    except ValueError:
        return None
    return found if found and found.tzinfo else None


@require_safe
@member_required(*MANAGERS)
def export(request):
    """All that the form asks for, as CSV."""
    now, wanted = clock.now(), AuditForm(request.GET, member=request.member).wanted()
    record(request.member.organization, What.EXPORTED, "audit log", by=request.user, now=now)
    return csv_response(exported(lines_of(request.member, wanted, before=now)), name=f"audit-{now:%Y%m%d-%H%M}")


def exported(lines):
    yield ["at", "who", "what", "about"]
    for line in lines:
        yield [line.at.isoformat(), line.by.email if line.by else "", line.what, line.about]
