"""Console pages: rules, multipliers."""

import zoneinfo
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from console.points.access import program_of, rule_of, within
from console.points.rule_forms import MultiplierForm, RuleForm
from moments import clock
from moments.errors import Conflict, RuleViolation
from moments.web.confirmation import confirm_first
from moments.web.forms import add_refusal
from rewards.models import PointMultiplier, PointRule, PointsProgram
from rewards.points.setup import rule_editor
from rewards.points.setup.stale_edits import state_of


@require_safe
@member_required()
def rules(request: MemberRequest, pk: UUID) -> HttpResponse:
    program = program_of(request, pk)
    found = program.rules.filter(deleted_at=None).select_related("category").prefetch_related("versions")
    context = {
        "program": program,
        "rules": found,
        "multipliers": program.multipliers.filter(deleted_at=None).prefetch_related("versions__status"),
        "now": clock.now(),
    }
    return render(request, "console/points/rules.html", context)


@member_required(*EDITORS)
def add_rule(request: MemberRequest, pk: UUID) -> HttpResponse:
    program = program_of(request, pk)
    form = RuleForm(request.POST or None, zone=zoneinfo.ZoneInfo(program.time_zone))
    if request.method == "POST" and form.is_valid():
        try:
            rule = rule_editor.add_rule(program, **form.values(), by=request.member, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The rule for “%s” is added.") % rule)
            return redirect("console:points:rules", pk)
    return render(request, "console/points/rule.html", {"program": program, "form": form, "rule": None})


@member_required(*EDITORS)
def rule(request: MemberRequest, pk: UUID, rule_pk: int) -> HttpResponse:
    """Edit the points of a rule. Earlier events are judged by the version that was in force then."""
    program = program_of(request, pk)
    found = rule_of(program, rule_pk)
    form = _rule_form(request, program, found)
    if request.method == "POST" and form.is_valid():
        try:
            rule_editor.edit_rule(found, **form.values(), by=request.member, now=clock.now())
        except Conflict:
            form = _rule_form(request, program, rule_of(program, rule_pk))
            form.note_conflict()
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The rule for “%s” is saved. It applies to events from now on.") % found)
            return redirect("console:points:rules", pk)
    return render(request, "console/points/rule.html", {"program": program, "form": form, "rule": found})


def _rule_form(request: MemberRequest, program: PointsProgram, rule: PointRule) -> RuleForm:
    zone = zoneinfo.ZoneInfo(program.time_zone)
    initial = RuleForm.initial_of(rule, zone)
    return RuleForm(request.POST or None, rule=rule, zone=zone, initial=initial, opened=state_of(rule))


@require_POST
@member_required(*EDITORS)
def pause_rule(request: MemberRequest, pk: UUID, rule_pk: int) -> HttpResponse:
    found = rule_of(program_of(request, pk), rule_pk)
    if found.is_active:
        rule_editor.pause_rule(found, by=request.member, now=clock.now())
        messages.success(request, _("The rule for “%s” is paused. Events are accepted but earn no points.") % found)
    return redirect("console:points:rules", pk)


@require_POST
@member_required(*EDITORS)
def resume_rule(request: MemberRequest, pk: UUID, rule_pk: int) -> HttpResponse:
    found = rule_of(program_of(request, pk), rule_pk)
    rule_editor.resume_rule(found, by=request.member, now=clock.now())
    messages.success(request, _("The rule for “%s” is active.") % found)
    return redirect("console:points:rules", pk)


@member_required(*EDITORS)
def remove_rule(request: MemberRequest, pk: UUID, rule_pk: int) -> HttpResponse:
    """Asked once, on a page that says what it does."""
    found = rule_of(program_of(request, pk), rule_pk)
    back = reverse("console:points:rules", args=[pk])
    if request.method != "POST":
        consequences = [
            _("“%s” no longer earns points. Users keep the points that they have earned.") % found,
            _("Events for an action without a rule are refused. To accept them with 0 points, pause the rule instead."),
        ]
        return confirm_first(request, _("Delete this rule?"), *consequences, verb=_("Delete rule"), back=back)
    rule_editor.delete_rule(found, by=request.member, now=clock.now())
    messages.success(request, _("The rule for “%s” is deleted.") % found)
    return redirect(back)


@member_required(*EDITORS)
def add_multiplier(request: MemberRequest, pk: UUID) -> HttpResponse:
    program = program_of(request, pk)
    form = MultiplierForm(request.POST or None, program=program, zone=zoneinfo.ZoneInfo(program.time_zone))
    if request.method == "POST" and form.is_valid():
        try:
            made = rule_editor.add_multiplier(program, **form.values(), by=request.member, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The multiplier “%s” is added.") % made)
            return redirect("console:points:rules", pk)
    return render(request, "console/points/multiplier.html", {"program": program, "form": form, "multiplier": None})


@member_required(*EDITORS)
def multiplier(request: MemberRequest, pk: UUID, multiplier_pk: int) -> HttpResponse:
    """Edit a multiplier. Earlier events are judged by the version that was in force then."""
    program = program_of(request, pk)
    found = _multiplier_of(program, multiplier_pk)
    form = _multiplier_form(request, program, found)
    if request.method == "POST" and form.is_valid():
        try:
            rule_editor.edit_multiplier(found, **form.values(), by=request.member, now=clock.now())
        except Conflict:
            form = _multiplier_form(request, program, _multiplier_of(program, multiplier_pk))
            form.note_conflict()
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The multiplier “%s” is saved. It applies to events from now on.") % found)
            return redirect("console:points:rules", pk)
    return render(request, "console/points/multiplier.html", {"program": program, "form": form, "multiplier": found})


def _multiplier_of(program: PointsProgram, pk: int) -> PointMultiplier:
    """One that was not deleted."""
    multipliers = program.multipliers.filter(deleted_at=None).select_related("program")
    return get_object_or_404(multipliers, pk=within(pk))


def _multiplier_form(request: MemberRequest, program: PointsProgram, multiplier: PointMultiplier) -> MultiplierForm:
    zone = zoneinfo.ZoneInfo(program.time_zone)
    initial = MultiplierForm.initial_of(multiplier, zone)
    opened = state_of(multiplier)
    return MultiplierForm(request.POST or None, program=program, zone=zone, initial=initial, opened=opened)


@member_required(*EDITORS)
def remove_multiplier(request: MemberRequest, pk: UUID, multiplier_pk: int) -> HttpResponse:
    """Asked once, on a page that says what it does."""
    found = _multiplier_of(program_of(request, pk), multiplier_pk)
    back = reverse("console:points:rules", args=[pk])
    if request.method != "POST":
        consequence = _("Events from now on earn points without “%s”. Points that users earned stay.") % found
        return confirm_first(request, _("Delete this multiplier?"), consequence, verb=_("Delete multiplier"), back=back)
    rule_editor.delete_multiplier(found, by=request.member, now=clock.now())
    messages.success(request, _("The multiplier “%s” is deleted.") % found)
    return redirect(back)
