"""Console pages: users of a points program, their ledgers, and what members do for them."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from accounts.organizations.audit import AuditEvent, record
from console.points.access import LARGEST, account_of, program_of, within
from console.points.forms import ActionForm, AdjustForm, ReverseForm
from moments import clock
from moments.errors import RuleViolation
from moments.web.csv_out import csv_response
from moments.web.forms import add_refusal
from rewards.issuing.service import reward_link
from rewards.models import PointAccount, PointEntry, PointEvent, PointsProgram
from rewards.points import adjustments, events, exchanges, reversals
from rewards.points.balances import balance_of, entries_of, user_points
from rewards.points.hosted_page.links import create_page_link
from rewards.points.lookups import LIVE

PAGE = 50


def fresh_key() -> str:
    """The form's own; a second click is the same request."""
    return f"console-{uuid.uuid4()}"


REUSED = {"idempotency_key_reused", "event_id_reused"}  # codes of a form that was sent before with other values


def refuse(form: Form, refusal: RuleViolation) -> None:
    """In the form, whose key is nothing that a member knows of."""
    if refusal.code in REUSED:
        form.add_error(None, _("You already submitted this form. Open it again to make another change."))
    else:
        add_refusal(form, refusal)


def page_of_user(program: PointsProgram, app_user_id: str) -> str:
    """The user's page; the list where the user has no account."""
    account = PointAccount.objects.filter(program=program, app_user_id=app_user_id, test_ledger=LIVE).first()
    if account is not None:
        return reverse("console:points:user", args=[program.pk, account.pk])
    return f"{reverse('console:points:users', args=[program.pk])}?{urlencode({'user': app_user_id})}"


@require_safe
@member_required()
def user(request: MemberRequest, pk: UUID, account_pk: int) -> HttpResponse:
    program, now = program_of(request, pk), clock.now()
    account = account_of(program, account_pk)
    entries = entries_of(program, account.app_user_id)
    before = request.GET.get("before", "")
    is_first = not (before.isascii() and before.isdigit() and int(before[:20]) <= LARGEST)
    if not is_first:
        entries = entries.filter(pk__lt=int(before[:20]))
    page = list(entries[: PAGE + 1])
    may_edit = request.member.may_edit
    made = exchanges.exchanges_of(program, account.app_user_id)[:PAGE] if is_first else []
    context = {
        "program": program,
        "account": account,
        "points": user_points(program, account.app_user_id, now=now),
        "now": now,
        "entries": page[:PAGE],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "is_first": is_first,
        "exchanges": [(one, reward_link(one.reward) if one.reward and may_edit else "") for one in made],
        "exchange_key": fresh_key(),
    }
    return render(request, "console/points/user.html", context)


EXPORTED = ["entry_id", "kind", "points", "action", "event_id", "reason", "member", "occurred_at", "recorded_at"]
EXPORTED += ["available_at", "expires_at"]


@require_safe
@member_required()
def export(request: MemberRequest, pk: UUID, account_pk: int) -> StreamingHttpResponse:
    """The user's whole ledger as CSV, the newest entry first."""
    program, now = program_of(request, pk), clock.now()
    account = account_of(program, account_pk)
    about = f"{program.name}: {account.app_user_id}"
    record(request.member.organization, AuditEvent.EXPORTED, about, by=request.user, now=now)
    entries = entries_of(program, account.app_user_id).iterator(chunk_size=1000)
    return csv_response(exported(entries), name=f"points-{now:%Y%m%d-%H%M}")


def exported(entries: Iterable[PointEntry]) -> Iterator[Sequence[Any]]:
    yield EXPORTED
    for entry in entries:
        times = (entry.batch.available_at, entry.batch.expires_at) if entry.batch else (None, None)
        yield [
            *(entry.pk, entry.kind, entry.amount, entry.action, entry.event.event_id if entry.event else ""),
            *(entry.reason, entry.actor.email if entry.actor else ""),
            *(at.isoformat() if at else "" for at in (entry.occurred_at, entry.recorded_at, *times)),
        ]


@require_POST
@member_required(*EDITORS)
def open_page(request: MemberRequest, pk: UUID, account_pk: int) -> HttpResponse:
    """The points page as the user sees it. Exchanges on it are real, so it is for editors alone."""
    program = program_of(request, pk)
    account = account_of(program, account_pk)
    app = program.current_apps.order_by("name").first()
    if app is None:
        messages.error(request, _("Add an app to this program first. The points page belongs to an app."))
        return redirect("console:points:user", pk, account_pk)
    return redirect(create_page_link(app, account.app_user_id, now=clock.now()).url)


@member_required(*EDITORS)
def adjust(request: MemberRequest, pk: UUID, account_pk: int) -> HttpResponse:
    program = program_of(request, pk)
    account = account_of(program, account_pk)
    form = AdjustForm(request.POST or None, initial={"once": fresh_key()})
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            adjustments.adjust_points(
                program,
                app_user_id=account.app_user_id,
                points=fields["points"],
                reason=fields["reason"],
                idempotency_key=fields["once"],
                by=request.member,
                now=clock.now(),
            )
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("%(points)+d points for %(user)s.") % {**fields, "user": account})
            return redirect("console:points:user", pk, account_pk)
    available = balance_of(program, account.app_user_id, now=clock.now()).available
    context = {"program": program, "account": account, "available": available, "form": form}
    return render(request, "console/points/adjust.html", context)


@member_required(*EDITORS)
def reverse_event(request: MemberRequest, pk: UUID, account_pk: int, event_pk: int) -> HttpResponse:
    """Take back what an event gave, whole or in part; the form says how much is left of it."""
    program = program_of(request, pk)
    account = account_of(program, account_pk)
    events_of_user = PointEvent.objects.filter(account=account).select_related("app").prefetch_related("reversals")
    event = get_object_or_404(events_of_user, pk=within(event_pk))
    form = ReverseForm(request.POST or None, event=event, initial={"once": fresh_key()})
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            done = reversals.reverse_event(
                event.app,
                event.event_id,
                quantity=fields.get("quantity"),
                amount_minor=fields.get("amount"),
                reason=fields["reason"],
                idempotency_key=fields["once"],
                by=request.member,
                now=clock.now(),
            )
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("%d points were reversed.") % done.points)
            return redirect("console:points:user", pk, account_pk)
    left = event.points - sum(row.points for row in event.reversals.all())
    context = {"program": program, "account": account, "event": event, "left": left, "form": form}
    return render(request, "console/points/reverse.html", context)


@member_required(*EDITORS)
def record_event(request: MemberRequest, pk: UUID) -> HttpResponse:
    """An event by hand; the form's own event id makes a second click harmless."""
    found = program_of(request, pk)
    initial = {"event_id": fresh_key(), "app_user_id": request.GET.get("user", "").replace("\x00", "")}
    form = ActionForm(request.POST or None, program=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            credit = events.record_event(fields.pop("app"), events.EventRequest(**fields), now=clock.now())
        except RuleViolation as refusal:
            if refusal.field == "occurred_at":
                form.add_error("occurred_at", _("Choose a time within the last 7 days."))
            else:
                refuse(form, refusal)
        else:
            messages.success(request, _("%(points)d points credited.") % {"points": credit.points})
            back = page_of_user(found, fields["app_user_id"])
            if credit.exchanged:
                context = {"program": found, "issued": credit.exchanged[0], "user_id": fields["app_user_id"]}
                return render(request, "console/points/exchanged.html", {**context, "back": back})
            return redirect(back)
    return render(request, "console/points/record.html", {"program": found, "form": form})
