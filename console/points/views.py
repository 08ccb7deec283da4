"""Console pages: points."""

import uuid
from collections.abc import Callable
from functools import partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from console.rewards.forms import ActionForm, ProgramForm, RuleForm, TierForm
from moments import clock
from moments.errors import RuleViolation
from moments.web.confirmation import confirm_first
from moments.web.forms import add_refusal
from rewards.models import PointsProgram, StuckExchange
from rewards.points import automatic, events, programs, rule_editor, tiers
from rewards.points import exchanges as point_exchanges

PAGE = 50


def program_of(request: MemberRequest, pk: UUID) -> PointsProgram:
    return get_object_or_404(PointsProgram, pk=pk, organization_id=request.member.organization_id)


@require_safe
@member_required()
def points(request: MemberRequest) -> HttpResponse:
    found = PointsProgram.objects.filter(organization=request.member.organization).prefetch_related("apps")
    return render(request, "console/points/list.html", {"programs": found})


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
    found = program_of(request, pk)
    accounts = found.accounts.filter(test_ledger=0).order_by("-available", "app_user_id")
    if user := request.GET.get("user", "").replace("\x00", "").strip():
        accounts = accounts.filter(app_user_id=user)
    shown = list(accounts[:PAGE])
    context = {
        "program": found,
        "apps": found.current_apps,
        "rules": found.rules.filter(deleted_at=None).select_related("category").prefetch_related("versions"),
        "tiers": tiers.tiers_of(found),
        "accounts": shown,
        "user": user,
        "entries": shown[0].entries.all()[:PAGE] if user and shown else [],
        "exchanges": point_exchanges.exchanges_of(found, user)[:PAGE],
        "stuck": automatic.open_stuck_exchanges(found)[:PAGE],
        "exchange_key": f"console-{uuid.uuid4()}",
    }
    return render(request, "console/points/program.html", context)


@member_required(*EDITORS)
def add(request: MemberRequest, pk: UUID, what: str) -> HttpResponse:
    """A rule or a tier of a program."""
    found = program_of(request, pk)
    form: forms.Form
    service: Callable[..., object]
    if what == "rule":
        form, service = (
            RuleForm(request.POST or None),
            partial(rule_editor.add_rule, by=request.member, now=clock.now()),
        )
    elif what == "tier":
        form = TierForm(request.POST or None, program=found)
        service = partial(tiers.add_tier, by=request.member, now=clock.now())
    else:
        raise Http404
    if request.method == "POST" and form.is_valid():
        try:
            service(found, **form.cleaned_data)
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("console:points:program", pk)
    return render(request, "console/points/add.html", {"program": found, "form": form, "what": what})


@member_required(*EDITORS)
def record(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Tell of an action by hand; the form's own event id makes a second click harmless."""
    found = program_of(request, pk)
    initial = {"event_id": f"console-{uuid.uuid4()}", "app_user_id": request.GET.get("user", "").replace("\x00", "")}
    form = ActionForm(request.POST or None, program=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            credit = events.record_event(fields.pop("app"), events.EventRequest(**fields), now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("%(points)d points credited.") % {"points": credit.points})
            if credit.exchanged:
                context = {"program": found, "issued": credit.exchanged[0], "user_id": fields["app_user_id"]}
                return render(
                    request,
                    "console/points/exchanged.html",
                    {**context, "back": reverse("console:points:program", args=[pk])},
                )
            return redirect(
                f"{reverse('console:points:program', args=[pk])}?{urlencode({'user': fields['app_user_id']})}"
            )
    return render(request, "console/points/record.html", {"program": found, "form": form})


@require_POST
@member_required(*EDITORS)
def exchange(request: MemberRequest, pk: UUID, tier_pk: int) -> HttpResponse:
    """Exchange a user's points for the tier's reward; its URL is shown once here and derived again on a repeat."""
    found = program_of(request, pk)
    tier = get_object_or_404(tiers.tiers_of(found), pk=tier_pk)
    user, key = request.POST.get("user", "")[:128], request.POST.get("key", "")[:200]
    back = f"{reverse('console:points:program', args=[pk])}?{urlencode({'user': user})}"
    app = found.current_apps.order_by("name").first()
    if "\x00" in user + key or not user or not key or app is None:
        return redirect(back)
    try:
        issued = point_exchanges.exchange_points(app, app_user_id=user, tier=tier, idempotency_key=key, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect(back)
    return render(
        request, "console/points/exchanged.html", {"program": found, "issued": issued, "back": back, "user_id": user}
    )


def stuck_of(request: MemberRequest, pk: UUID, stuck_pk: int) -> StuckExchange:
    stuck = StuckExchange.objects.filter(tier__program=program_of(request, pk))
    return get_object_or_404(stuck.select_related("tier__program", "account", "event__app"), pk=stuck_pk)


@require_POST
@member_required(*EDITORS)
def retry_stuck(request: MemberRequest, pk: UUID, stuck_pk: int) -> HttpResponse:
    """Make a stuck exchange now; its reward URL is on the next page and in the user's exchanges."""
    stuck = stuck_of(request, pk, stuck_pk)
    back = reverse("console:points:program", args=[pk])
    try:
        issued = automatic.retry_stuck_exchange(stuck, by=request.member, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect(back)
    context = {"program": stuck.tier.program, "issued": issued, "back": back}
    return render(request, "console/points/exchanged.html", {**context, "user_id": stuck.account.app_user_id})


@require_POST
@member_required(*EDITORS)
def dismiss_stuck(request: MemberRequest, pk: UUID, stuck_pk: int) -> HttpResponse:
    automatic.dismiss_stuck_exchange(stuck_of(request, pk, stuck_pk), by=request.member, now=clock.now())
    messages.success(request, _("The exchange is dismissed. The user keeps the points."))
    return redirect("console:points:program", pk)


@member_required(*EDITORS)
def remove_rule(request: MemberRequest, pk: UUID, rule_pk: int) -> HttpResponse:
    """Asked once, on a page that says what it does."""
    found = program_of(request, pk)
    rule = get_object_or_404(found.rules.filter(deleted_at=None), pk=rule_pk)
    if request.method != "POST":
        consequence = _("“%s” gives no points any more. The points that it gave stay.") % rule
        back = reverse("console:points:program", args=[pk])
        return confirm_first(request, _("Remove this rule?"), consequence, verb=_("Remove the rule"), back=back)
    rule_editor.delete_rule(rule, by=request.member, now=clock.now())
    return redirect("console:points:program", pk)
