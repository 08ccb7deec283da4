"""Console pages: points programs, their settings and apps."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from console.points.access import program_of
from console.points.forms import JoinForm, ProgramForm, SettingsForm
from console.points.overview import overview_of
from moments import clock
from moments.errors import RuleViolation
from moments.web.confirmation import confirm_first
from moments.web.forms import add_refusal
from rewards.models import PointsProgram
from rewards.points import automatic
from rewards.points.setup import programs

MOST_STUCK = 50


@require_safe
@member_required()
def points(request: MemberRequest) -> HttpResponse:
    found = PointsProgram.objects.filter(organization=request.member.organization).order_by("name")
    shown = [(program, list(program.current_apps.order_by("name"))) for program in found]
    return render(request, "console/points/list.html", {"programs": shown})


@member_required(*EDITORS)
def new_program(request: MemberRequest) -> HttpResponse:
    form = ProgramForm(request.POST or None, organization=request.member.organization)
    if request.method == "POST" and form.is_valid():
        try:
            program = programs.create_program(request.member, **form.cleaned_data, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("console:points:program", program.pk)
    return render(request, "console/points/new.html", {"form": form})


@require_safe
@member_required()
def program(request: MemberRequest, pk: UUID) -> HttpResponse:
    """At a glance."""
    found = program_of(request, pk)
    context = {
        "program": found,
        "apps": found.current_apps.order_by("name"),
        "overview": overview_of(found, now=clock.now()),
        "stuck": automatic.open_stuck_exchanges(found)[:MOST_STUCK],
    }
    return render(request, "console/points/program.html", context)


@member_required(*EDITORS)
def settings(request: MemberRequest, pk: UUID) -> HttpResponse:
    found = program_of(request, pk)
    names = ("name", "pending_days", "points_valid_days")
    form = SettingsForm(request.POST or None, initial={name: getattr(found, name) for name in names})
    if request.method == "POST" and form.is_valid():
        try:
            programs.edit_program(found, **form.cleaned_data, by=request.member, now=clock.now())
        except RuleViolation as refusal:
            found.refresh_from_db(fields=names)
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Program saved. Points that users already have keep their dates."))
            return redirect("console:points:settings", pk)
    return _settings_page(request, found, form=form)


def _settings_page(
    request: MemberRequest, found: PointsProgram, form: SettingsForm, join: JoinForm | None = None
) -> HttpResponse:
    context = {
        "program": found,
        "form": form,
        "join": join or JoinForm(organization=found.organization),
        "links": found.program_apps.select_related("app").order_by("left_at", "joined_at"),
    }
    return render(request, "console/points/settings.html", context)


@require_POST
@member_required(*EDITORS)
def join_app(request: MemberRequest, pk: UUID) -> HttpResponse:
    found = program_of(request, pk)
    form = JoinForm(request.POST, organization=found.organization)
    if form.is_valid():
        try:
            programs.join_app(found, form.cleaned_data["app"], by=request.member, now=clock.now())
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("%s is in the program.") % form.cleaned_data["app"])
    else:
        messages.error(request, _("Choose one of your apps that is not in a program yet."))
    return redirect("console:points:settings", pk)


@member_required(*EDITORS)
def leave_app(request: MemberRequest, pk: UUID, app_pk: UUID) -> HttpResponse:
    """Asked once, on a page that says what it does."""
    found = program_of(request, pk)
    app = get_object_or_404(found.current_apps, pk=app_pk)
    back = reverse("console:points:settings", args=[pk])
    if request.method != "POST":
        consequences = [
            _("From now on, events from %s are refused, and users can no longer see or exchange points there.") % app,
            _("Users keep their points and can use them in the program's other apps."),
        ]
        question = _("Remove this app from the program?")
        return confirm_first(request, question, *consequences, verb=_("Remove app"), back=back)
    programs.leave_app(found, app, by=request.member, now=clock.now())
    messages.success(request, _("%s is no longer in the program.") % app)
    return redirect(back)


@member_required(*EDITORS)
def clear_test_ledger(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Asked once, on a page that says what it does."""
    found = program_of(request, pk)
    back = reverse("console:points:settings", args=[pk])
    if request.method != "POST":
        consequences = [
            _("All test users, events, and points are removed. You can send the same event ids again with a test key."),
            _("Live points are not affected."),
        ]
        return confirm_first(
            request, _("Clear the test ledger?"), *consequences, verb=_("Clear test ledger"), back=back
        )
    programs.clear_test_ledger(found, by=request.member, now=clock.now())
    messages.success(request, _("The test ledger is empty."))
    return redirect(back)
