"""Console pages: events of a points program from a CSV file."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from console.points.access import program_of
from console.points.forms import EventsFileForm
from moments import clock
from moments.errors import RuleViolation
from moments.web.csv_out import csv_response
from moments.web.forms import add_refusal
from rewards.points.csv_events import COLUMNS, record_csv

SHOWN = 200  # refused lines on the page
SAMPLE = [
    ["order-1001", "ada", "purchase", "", "1", "24.99", "USD", "2027-05-01T12:00:00Z", ""],
    ["level-ada-7", "ada", "level_up", "", "", "", "", "", "ada@example.com"],
]


@member_required(*EDITORS)
def upload_events(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Count the events of a file, and show which lines were refused and why."""
    program = program_of(request, pk)
    form = EventsFileForm(request.POST or None, request.FILES or None, program=program)
    context = {"program": program, "form": form, "columns": ", ".join(COLUMNS)}
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read()
        try:
            outcome = record_csv(form.cleaned_data["app"], content, by=request.member, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            if not outcome.refused:
                messages.success(request, _("All lines of the file are counted."))
            context |= {"outcome": outcome, "refused": outcome.refused[:SHOWN], "shown": SHOWN}
    return render(request, "console/points/upload.html", context)


@require_safe
@member_required(*EDITORS)
def sample_events(request: MemberRequest, pk: UUID) -> StreamingHttpResponse:
    """A file with every column, to fill in."""
    program_of(request, pk)
    return csv_response([COLUMNS, *SAMPLE], name="moments-events")
