"""Console pages: points."""

import uuid
from collections.abc import Callable
from functools import partial

from django import forms
from django.contrib import messages
from django.http import Http404
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
from rewards.models import PointExchange, PointsProgram, StuckExchange
from rewards.points import exchanges as point_exchanges
from rewards.points import programs
from rewards.points import service as point_rules

PAGE = 50


def program_of(request, pk) -> PointsProgram:
    return get_object_or_404(PointsProgram, pk=pk, organization_id=request.member.organization_id)


@require_safe
@member_required()
def points(request: MemberRequest):
    found = PointsProgram.objects.filter(organization=request.member.organization).prefetch_related("apps")
    return render(request, "console/points/list.html", {"programs": found})


@member_required(*EDITORS)
def new_program(request: MemberRequest):
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
def program(request: MemberRequest, pk):
    found = program_of(request, pk)
    accounts = found.accounts.order_by("-available", "app_user_id")
    if user := request.GET.get("user", "").replace("\x00", "").strip():
        accounts = accounts.filter(app_user_id=user)
    shown = list(accounts[:PAGE])
    context = {
        "program": found,
        "apps": found.apps.all(),
        "rules": found.rules.order_by("action"),
        "tiers": found.tiers.select_related("moment__campaign", "group"),
        "accounts": shown,
        "user": user,
        "entries": shown[0].entries.all()[:PAGE] if user and shown else [],
        "exchanges": exchanges_of(found, user),
        "stuck": point_exchanges.open_stuck_exchanges(found)[:PAGE],
        "exchange_key": f"console-{uuid.uuid4()}",
    }
    return render(request, "console/points/program.html", context)


def exchanges_of(program: PointsProgram, user: str):
    """The latest exchanges, of one user where ``user`` is not empty."""
    exchanges = PointExchange.objects.filter(account__program=program).order_by("-id")
    if user:
        exchanges = exchanges.filter(account__app_user_id=user)
    return exchanges.select_related("account", "app", "tier__moment__campaign")[:PAGE]


@member_required(*EDITORS)
def add(request: MemberRequest, pk, what):
    """A rule or a tier of a program."""
    found = program_of(request, pk)
    form: forms.Form
    service: Callable[..., object]
    if what == "rule":
        form, service = RuleForm(request.POST or None), programs.add_rule
    elif what == "tier":
        form = TierForm(request.POST or None, program=found)
        service = partial(programs.add_tier, now=clock.now())
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
def record(request: MemberRequest, pk):
    """Tell of an action by hand; the form's own event id makes a second click harmless."""
    found = program_of(request, pk)
    initial = {"event_id": f"console-{uuid.uuid4()}", "app_user_id": request.GET.get("user", "").replace("\x00", "")}
    form = ActionForm(request.POST or None, program=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            credit = point_rules.record_action(fields.pop("app"), **fields, now=clock.now())
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
def exchange(request: MemberRequest, pk, tier_pk):
    """Exchange a user's points for the tier's reward; its URL is shown once here and derived again on a repeat."""
    found = program_of(request, pk)
    tier = get_object_or_404(found.tiers.select_related("moment__campaign", "group"), pk=tier_pk)
    user, key = request.POST.get("user", "")[:128], request.POST.get("key", "")[:200]
    back = f"{reverse('console:points:program', args=[pk])}?{urlencode({'user': user})}"
    app = found.apps.order_by("name").first()
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


def stuck_of(request, pk, stuck_pk) -> StuckExchange:
    stuck = StuckExchange.objects.filter(tier__program=program_of(request, pk))
    return get_object_or_404(stuck.select_related("tier__program", "account", "event__app"), pk=stuck_pk)


@require_POST
@member_required(*EDITORS)
def retry_stuck(request: MemberRequest, pk, stuck_pk):
    """Make a stuck exchange now; its reward URL is on the next page and in the user's exchanges."""
    stuck = stuck_of(request, pk, stuck_pk)
    back = reverse("console:points:program", args=[pk])
    try:
        issued = point_exchanges.retry_stuck_exchange(stuck, by=request.member, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect(back)
    context = {"program": stuck.tier.program, "issued": issued, "back": back}
    return render(request, "console/points/exchanged.html", {**context, "user_id": stuck.account.app_user_id})


@require_POST
@member_required(*EDITORS)
def dismiss_stuck(request: MemberRequest, pk, stuck_pk):
    point_exchanges.dismiss_stuck_exchange(stuck_of(request, pk, stuck_pk), by=request.member, now=clock.now())
    messages.success(request, _("The exchange is dismissed. The user keeps the points."))
    return redirect("console:points:program", pk)


@member_required(*EDITORS)
def remove_rule(request: MemberRequest, pk, rule_pk):
    """Asked once, on a page that says what it does."""
    found = program_of(request, pk)
    rule = get_object_or_404(found.rules, pk=rule_pk)
    if request.method != "POST":
        consequence = _("“%s” gives no points any more. The points that it gave stay.") % rule
        back = reverse("console:points:program", args=[pk])
        return confirm_first(request, _("Remove this rule?"), consequence, verb=_("Remove the rule"), back=back)
    programs.remove_rule(rule)
    return redirect("console:points:program", pk)
