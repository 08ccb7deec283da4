"""Console pages: tiers, statuses."""

from dataclasses import replace
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
from moments.errors import RuleViolation
from moments.web.confirmation import confirm_first
from moments.web.forms import add_refusal
from rewards.models import PointsProgram, PointStatus, PointTier
from rewards.points import rule_editor, tiers
from rewards.points.balances import tier_name


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
    return _tier_page(request, program, None, TierForm(request.POST or None, program=program))


@member_required(*EDITORS)
def tier(request: MemberRequest, pk: UUID, tier_pk: int) -> HttpResponse:
    program = program_of(request, pk)
    found = tier_of(program, tier_pk)
    form = TierForm(request.POST or None, program=program, tier=found, initial=TierForm.initial_of(found))
    return _tier_page(request, program, found, form)


def _tier_page(request: MemberRequest, program: PointsProgram, tier: PointTier | None, form: TierForm) -> HttpResponse:
    """The form, then the same with what the tier would cost, then it is saved as it was shown."""
    context: dict[str, Any] = {"program": program, "tier": tier, "form": form}
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["seen"] != form.wanted:
            context |= _outlook(request, program, form)
        elif _is_saved(request, program, tier, form):
            messages.success(request, _("The tier at %d points is saved.") % form.cleaned_data["points"])
            return redirect("console:points:tiers", program.pk)
    return render(request, "console/points/tier.html", context)


def _outlook(request: MemberRequest, program: PointsProgram, form: TierForm) -> dict[str, Any]:
    """What the tier would mean today; the form carries what it was shown for."""
    shown = request.POST.copy()
    shown["seen"] = form.wanted
    form.data = shown
    found = form.cleaned_data
    outlook = tiers.forecast(program, points=found["points"], group=found["group"])
    if found["is_once"] and outlook.exchanges:
        each = outlook.cost_cents // outlook.exchanges
        outlook = replace(outlook, exchanges=outlook.users, cost_cents=outlook.users * each)
    return {
        "outlook": outlook,
        "is_automatic": found["is_automatic"],
        "includes_old_balances": found["includes_old_balances"],
    }


def _is_saved(request: MemberRequest, program: PointsProgram, tier: PointTier | None, form: TierForm) -> bool:
    values = form.values()
    try:
        if tier is None:
            tiers.add_tier(program, **values, by=request.member, now=clock.now())
        else:
            kept: dict[str, Any] = {"moment": tier.moment} if values["group"] == tier.group else {}
            tiers.edit_tier(tier, **values, **kept, by=request.member, now=clock.now())
    except RuleViolation as refusal:
        add_refusal(form, refusal)
        return False
    return True


@member_required(*EDITORS)
def retire_tier(request: MemberRequest, pk: UUID, tier_pk: int) -> HttpResponse:
    """Asked once, on a page that says what it does."""
    found = tier_of(program_of(request, pk), tier_pk)
    back = reverse("console:points:tiers", args=[pk])
    if request.method != "POST":
        consequence = _("Nobody can exchange points for “%s” any more. Rewards that users have stay valid.") % found
        return confirm_first(request, _("Retire this tier?"), consequence, verb=_("Retire tier"), back=back)
    tiers.retire_tier(found, by=request.member, now=clock.now())
    messages.success(request, _("The tier “%s” is retired.") % found)
    return redirect(back)


def status_of(program: PointsProgram, pk: int) -> PointStatus:
    return get_object_or_404(program.statuses.select_related("program"), pk=within(pk))


@member_required(*EDITORS)
def add_status(request: MemberRequest, pk: UUID) -> HttpResponse:
    program = program_of(request, pk)
    return _status_page(request, program, None, StatusForm(request.POST or None))


@member_required(*EDITORS)
def status(request: MemberRequest, pk: UUID, status_pk: int) -> HttpResponse:
    program = program_of(request, pk)
    found = status_of(program, status_pk)
    initial = {name: getattr(found, name) for name in StatusForm.base_fields}
    return _status_page(request, program, found, StatusForm(request.POST or None, initial=initial))


def _status_page(
    request: MemberRequest, program: PointsProgram, status: PointStatus | None, form: StatusForm
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            if status is None:
                rule_editor.add_status(program, **values, by=request.member, now=clock.now())
            else:
                rule_editor.edit_status(status, **values, by=request.member, now=clock.now())
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
        consequence = _("Users no longer have the status “%s”. Their points stay.") % found
        return confirm_first(request, _("Delete this status?"), consequence, verb=_("Delete status"), back=back)
    name = str(found)
    try:
        rule_editor.delete_status(found, by=request.member, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The status “%s” is deleted.") % name)
    return redirect(back)
