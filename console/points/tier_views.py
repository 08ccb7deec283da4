"""Console pages: tiers, statuses."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from console.points.access import program_of, tier_of, within
from console.points.tier_forms import StatusForm, TierForm
from moments import clock
from moments.errors import Conflict, RuleViolation
from moments.web.confirmation import confirm_first
from moments.web.forms import add_refusal
from rewards.models import PointsProgram, PointStatus, PointTier
from rewards.points.balances import tier_name
from rewards.points.setup import rule_editor, tiers
from rewards.points.setup.stale_edits import STATUS_FIELDS, state_of


@require_safe
@member_required()
def tiers_page(request: MemberRequest, pk: UUID) -> HttpResponse:
    program = program_of(request, pk)
    found = tiers.tiers_of(program).prefetch_related("group__choices__product")
    context = {
        "program": program,
        "tiers": [(tier, tier_name(tier), tiers.cost_of(tier.group, tier.moment)) for tier in found],
        "statuses": program.statuses.all(),
        "retired": program.tiers.exclude(retired_at=None).select_related("moment__campaign").order_by("-retired_at"),
    }
    return render(request, "console/points/tiers.html", context)


@member_required(*EDITORS)
def add_tier(request: MemberRequest, pk: UUID) -> HttpResponse:
    program = program_of(request, pk)
    return _tier_page(request, program, None, lambda: TierForm(request.POST or None, program=program))


@member_required(*EDITORS)
def tier(request: MemberRequest, pk: UUID, tier_pk: int) -> HttpResponse:
    program = program_of(request, pk)

    def form_now() -> TierForm:
        found = tier_of(program, tier_pk)
        initial = TierForm.initial_of(found)
        return TierForm(request.POST or None, program=program, tier=found, initial=initial, opened=state_of(found))

    return _tier_page(request, program, tier_of(program, tier_pk), form_now)


def _tier_page(
    request: MemberRequest, program: PointsProgram, tier: PointTier | None, form_now: Callable[[], TierForm]
) -> HttpResponse:
    """The form, then the same with what the tier would cost, then it is saved as it was shown."""
    form, context = form_now(), dict[str, Any]()
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["seen"] != form.wanted:
            context = _outlook(program, tier, form)
        else:
            try:
                _save(request, program, tier, form)
            except Conflict:
                form = form_now()
                form.note_conflict()
            except RuleViolation as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, _("The tier at %d points is saved.") % form.cleaned_data["points"])
                return redirect("console:points:tiers", program.pk)
    return render(request, "console/points/tier.html", {"program": program, "tier": tier, "form": form, **context})


def _outlook(program: PointsProgram, tier: PointTier | None, form: TierForm) -> dict[str, Any]:
    """What the tier would mean today; the form carries what it was shown for."""
    form.send_again(seen=form.wanted)
    found = form.cleaned_data
    outlook = tiers.forecast(
        program,
        points=found["points"],
        group=found["group"],
        moment=tier.moment if tier and tier.group == found["group"] else None,
        is_once=found["is_once"],
        instead_of=tier,
    )
    return {
        "outlook": outlook,
        "is_automatic": found["is_automatic"],
        "includes_old_balances": found["includes_old_balances"],
    }


def _save(request: MemberRequest, program: PointsProgram, tier: PointTier | None, form: TierForm) -> None:
    values = form.values()
    if tier is None:
        tiers.add_tier(program, **values, by=request.member, now=clock.now())
    else:
        kept: dict[str, Any] = {"moment": tier.moment} if values["group"] == tier.group else {}
        tiers.edit_tier(tier, **values, **kept, by=request.member, now=clock.now())


@member_required(*EDITORS)
def retire_tier(request: MemberRequest, pk: UUID, tier_pk: int) -> HttpResponse:
    """Asked once, on a page that says what it does."""
    found = tier_of(program_of(request, pk), tier_pk)
    back = reverse("console:points:tiers", args=[pk])
    if request.method != "POST":
        consequence = _("Users can no longer exchange points for “%s”. Existing rewards stay valid.") % found
        return confirm_first(request, _("Retire this tier?"), consequence, verb=_("Retire tier"), back=back)
    tiers.retire_tier(found, by=request.member, now=clock.now())
    messages.success(request, _("The tier “%s” is retired.") % found)
    return redirect(back)


def status_of(program: PointsProgram, pk: int) -> PointStatus:
    return get_object_or_404(program.statuses.select_related("program"), pk=within(pk))


@member_required(*EDITORS)
def add_status(request: MemberRequest, pk: UUID) -> HttpResponse:
    program = program_of(request, pk)
    return _status_page(request, program, None, lambda: StatusForm(request.POST or None))


@member_required(*EDITORS)
def status(request: MemberRequest, pk: UUID, status_pk: int) -> HttpResponse:
    program = program_of(request, pk)

    def form_now() -> StatusForm:
        found = status_of(program, status_pk)
        initial = {name: getattr(found, name) for name in STATUS_FIELDS}
        return StatusForm(request.POST or None, initial=initial, opened=state_of(found))

    return _status_page(request, program, status_of(program, status_pk), form_now)


def _status_page(
    request: MemberRequest, program: PointsProgram, status: PointStatus | None, form_now: Callable[[], StatusForm]
) -> HttpResponse:
    form = form_now()
    if request.method == "POST" and form.is_valid():
        values = form.values()
        try:
            if status is None:
                rule_editor.add_status(program, **values, by=request.member, now=clock.now())
            else:
                rule_editor.edit_status(status, **values, by=request.member, now=clock.now())
        except Conflict:
            form = form_now()
            form.note_conflict()
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The status “%s” is saved.") % values["name"])
            return redirect("console:points:tiers", program.pk)
    return render(request, "console/points/status.html", {"program": program, "form": form, "status": status})


@member_required(*EDITORS)
def remove_status(request: MemberRequest, pk: UUID, status_pk: int) -> HttpResponse:
    """Asked once, on a page that says what it does."""
    found = status_of(program_of(request, pk), status_pk)
    back = reverse("console:points:tiers", args=[pk])
    if request.method != "POST":
        consequence = _("Users lose the status “%s” and keep their points.") % found
        return confirm_first(request, _("Delete this status?"), consequence, verb=_("Delete status"), back=back)
    name = str(found)
    try:
        rule_editor.delete_status(found, by=request.member, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The status “%s” is deleted.") % name)
    return redirect(back)
