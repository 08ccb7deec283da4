"""Console pages: events of a points program from a CSV file, and what became of each line."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from console.points.access import program_of
from console.points.forms import EventsFileForm
from moments import clock
from moments.errors import RuleViolation
from moments.web.csv_out import csv_response
from moments.web.forms import add_refusal
from rewards.points.csv_events import COLUMNS, REQUIRED, CsvOutcome, record_csv

SHOWN = 50  # refused lines on the page
SALT = "points-upload"
MOST_SEALED = 900_000  # bytes; a request's body has at most a megabyte
RESULTS = ["line", "event_id", "status", "points", "code", "detail"]
SAMPLE = [
    {
        **{"event_id": "order-1001", "user_id": "ada", "action": "purchase", "quantity": "1"},
        **{"amount": "24.99", "currency": "USD", "occurred_at": "2027-05-01T12:00:00Z"},
    },
    {"event_id": "level-ada-7", "user_id": "ada", "action": "level_up", "email": "ada@example.com"},
]
ABOUT = {
    "event_id": _("Your own id of the event. The same id counts once per app."),
    "user_id": _("Your own id of the user."),
    "action": _("An action that has a rule."),
    "category": _("A product category that the program knows."),
    "quantity": _("A whole number. 1 if empty."),
    "amount": _("An amount of money, such as 19.99, with its currency."),
    "currency": _("A currency code, such as USD."),
    "occurred_at": _("A time with an offset, such as 2027-05-01T12:00:00Z. Now if empty."),
    "email": _("An address for the email about automatic exchanges that the event causes."),
}


@member_required(*EDITORS)
def upload_events(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Count the events of a file, and show which lines were refused and why."""
    program = program_of(request, pk)
    form = EventsFileForm(request.POST or None, request.FILES or None, program=program)
    context = {"program": program, "form": form, "columns": columns()}
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read()
        try:
            outcome = record_csv(form.cleaned_data["app"], content, by=request.member, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            context |= {"outcome": outcome, "refused": outcome.refused[:SHOWN], "shown": SHOWN}
            context["results"] = sealed(program.pk, outcome)
    return render(request, "console/points/upload.html", context)


def columns() -> list[tuple[str, bool, Any]]:
    """Of a file: the name, whether it is required, and what it is for."""
    return [(name, name in REQUIRED, ABOUT.get(name, "")) for name in COLUMNS]


def sealed(program: UUID, outcome: CsvOutcome) -> str:
    """The result of every line, for the page to send back: nothing is stored for a download."""
    rows = [
        (row.number, row.result.event_id, row.result.status, row.result.points, row.result.code, row.result.detail)
        for row in outcome.rows
    ]
    found = _signed(program, rows)
    if len(found) > MOST_SEALED:  # with ids as long as may be: the numbers of the lines have to do
        found = _signed(program, [(number, "", *rest, "") for number, _event_id, *rest, _detail in rows])
    return found


def _signed(program: UUID, rows: list[tuple[Any, ...]]) -> str:
    """By columns, which compress best."""
    return signing.dumps([str(program), *zip(*rows, strict=True)], salt=SALT, compress=True)


@require_POST
@member_required(*EDITORS)
def upload_results(request: MemberRequest, pk: UUID) -> StreamingHttpResponse | HttpResponse:
    """The result of every line as CSV, as the page of the upload had it."""
    program_of(request, pk)
    try:
        program, *columns = signing.loads(request.POST.get("results", ""), salt=SALT)
    except signing.BadSignature:
        program, columns = "", []
    if program != str(pk):
        return redirect("console:points:upload", pk)
    return csv_response(result_rows(columns), name="points-upload-results")


def result_rows(columns: Sequence[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield RESULTS
    yield from zip(*columns, strict=True)


@require_safe
@member_required(*EDITORS)
def sample_events(request: MemberRequest, pk: UUID) -> StreamingHttpResponse:
    """A file with every column, to fill in."""
    program_of(request, pk)
    return csv_response([COLUMNS, *([row.get(name, "") for name in COLUMNS] for row in SAMPLE)], name="moments-events")
