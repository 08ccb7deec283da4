"""Console pages for bulk uploads: check, confirmation, progress and results."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from campaigns.models import Campaign
from console.campaigns.views import campaign_of
from console.rewards.forms import UploadForm
from moments import clock
from moments.errors import RuleViolation
from moments.web.confirmation import confirm_first
from moments.web.csv_in import MAX_BYTES
from moments.web.csv_out import csv_response
from moments.web.forms import add_refusal
from rewards.bulk import service as bulk
from rewards.bulk.forecast import forecast_of
from rewards.issuing.service import reward_link
from rewards.models import BatchRow, RewardBatch

LISTED = 20
LINES = 50
STOP_POLLING = 286  # status code of htmx
Status, RowStatus = RewardBatch.Status, BatchRow.Status


def batch_of(request: MemberRequest, pk: UUID) -> RewardBatch:
    """Return the upload. Raises ``Http404`` for one of another organization, as for one that does not exist."""
    found = RewardBatch.objects.visible_to(request.member)
    return get_object_or_404(found.select_related("campaign__organization", "uploaded_by", "confirmed_by"), pk=pk)


@require_safe
@member_required()
def uploads(request: MemberRequest, pk: UUID) -> HttpResponse:
    return uploads_page(request, campaign_of(request, pk), UploadForm())


def uploads_page(request: MemberRequest, campaign: Campaign, form: Form) -> HttpResponse:
    context = {
        "campaign": campaign,
        "form": form,
        "moments": [moment.key for moment in campaign.moments.all()],
        "groups": [group.key for group in campaign.groups.all()],
        "batches": campaign.reward_batches.select_related("uploaded_by").order_by("-uploaded_at")[:LISTED],
    }
    return render(request, "console/rewards/uploads.html", context)


@require_POST
@member_required(*EDITORS)
def check(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Check an uploaded file without issuing anything."""
    campaign = campaign_of(request, pk)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read(MAX_BYTES + 1)
        try:
            batch = bulk.check_upload(
                campaign, content=content, file_name=file.name, by=request.member, now=clock.now()
            )
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("console:rewards:upload", batch.pk)
    return uploads_page(request, campaign, form)


@require_safe
@never_cache
@member_required()
def upload(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show an upload in its current status."""
    batch = batch_of(request, pk)
    context: dict[str, Any] = {"batch": batch, "campaign": batch.campaign}
    if batch.status == Status.CHECKED:
        context["forecast"] = forecast_of(batch, now=clock.now())
    elif batch.status == Status.BAD:
        context |= progress_of(batch) | errors_of(batch, request.GET.get("after", ""))
        context["forecast"] = forecast_of(batch, now=clock.now())
    else:
        context |= progress_of(batch) | {"refusals": bulk.refusals_of(batch)}
    return render(request, f"console/rewards/upload_{PAGES.get(batch.status, 'result')}.html", context)


PAGES: dict[str, str] = {Status.BAD: "errors", Status.CHECKED: "check"}


def progress_of(batch: RewardBatch) -> dict:
    counts = bulk.counts_of(batch)
    total = sum(counts.values())
    done = total - counts[RowStatus.WAITING]
    return {"counts": counts, "total": total, "done": done, "percent": done * 100 // total if total else 100}


def errors_of(batch: RewardBatch, after: str) -> dict:
    """Return the context with one page of invalid lines."""
    line = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    rows = list(batch.rows.filter(status=RowStatus.BAD, line__gt=line).order_by("line")[: LINES + 1])
    return {"rows": rows[:LINES], "more": rows[LINES - 1].line if len(rows) > LINES else None, "is_first": line == 0}


@require_safe
@never_cache
@member_required()
def progress(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the progress for polling; once issuing ended, tell htmx to stop and reload the page."""
    batch = batch_of(request, pk)
    if batch.status != Status.ISSUING:
        return HttpResponse(status=STOP_POLLING, headers={"HX-Refresh": "true"})
    return render(
        request, "console/rewards/_progress.html", {"batch": batch, "campaign": batch.campaign, **progress_of(batch)}
    )


@require_POST
@member_required(*EDITORS)
def confirm(request: MemberRequest, pk: UUID) -> HttpResponse:
    batch = batch_of(request, pk)
    try:
        skips_errors = "skip_errors" in request.POST
        bulk.confirm_batch(batch, by=request.member, skips_errors=skips_errors, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Rewards are being issued. You can leave this page."))
    return redirect("console:rewards:upload", pk)


@member_required(*EDITORS)
def cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Stop an upload after a confirmation."""
    batch = batch_of(request, pk)
    if request.method != "POST":
        return ask_to_stop(request, batch)
    try:
        bulk.cancel_batch(batch, by=request.member, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Stopped. What was issued stays issued."))
    return redirect("console:rewards:upload", pk)


def ask_to_stop(request: MemberRequest, batch: RewardBatch) -> HttpResponse:
    return confirm_first(
        request,
        _("Stop issuing?"),
        _("%(done)d of %(total)d lines are done: what is issued stays issued, mailed and charged.")
        % progress_of(batch),
        _("No further line is issued. To go on later, upload the lines that are left."),
        verb=_("Stop"),
        back=reverse("console:rewards:upload", args=[batch.pk]),
        about=str(batch),
    )


@require_POST
@member_required(*EDITORS)
def discard(request: MemberRequest, pk: UUID) -> HttpResponse:
    batch = batch_of(request, pk)
    try:
        bulk.discard_batch(batch)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("console:rewards:upload", pk)
    messages.success(request, _("The upload was discarded; nothing was issued."))
    return redirect("console:rewards:uploads", batch.campaign_id)


@require_safe
@member_required(*EDITORS)
def errors(request: MemberRequest, pk: UUID) -> StreamingHttpResponse:
    """Export the problems of all invalid lines as CSV."""
    batch = batch_of(request, pk)
    rows = ((row.line, *problem) for row in bulk.rows_of(batch) for problem in row.problems)
    return csv_response(with_header(["line", "column", "given", "allowed"], rows), name=f"errors-{batch.pk}")


@require_safe
@member_required(*EDITORS)
def result(request: MemberRequest, pk: UUID) -> StreamingHttpResponse:
    """Export the result of every line with reward URLs as CSV. Editors only, since anyone with a URL can claim the
    reward.
    """
    batch = batch_of(request, pk)
    header = ["line", "key", "user_id", "status", "refusal", "reason", "reward_id", "reward_url"]
    return csv_response(with_header(header, results(batch)), name=f"result-{batch.pk}")


def results(batch: RewardBatch) -> Iterator[Sequence[Any]]:
    for row in bulk.rows_of(batch):
        reason = bulk.sentence_of(row.refusal) if row.refusal else ""
        url = reward_link(row.reward) if row.reward else ""
        yield row.line, row.key, row.app_user_id, row.status, row.refusal, reason, row.reward_id or "", url


def with_header(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield header
    yield from rows
