"""Console pages for reports on rewards and spending, and for comparing moments."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Member
from accounts.organizations.access import MemberRequest, member_required
from accounts.organizations.audit import AuditEvent, record
from campaigns.models import Campaign
from console.campaigns.views import campaign_of
from console.models import ReportSubscription
from console.reports.ab_statistics import Variant, differences
from console.reports.charts import charts_of
from console.reports.forms import ReportForm, SeenForm
from moments import clock
from moments.money import as_text
from moments.web.csv_out import csv_response
from rewards.reporting.daily_totals import BY, By, Report, ReportFilter, Window, daily, report_of

SHOWN = 100  # lines on the page; the export has all


@require_safe
@member_required()
def reports(request: MemberRequest) -> HttpResponse:
    """Show actions and spend of a period and the one before. Nothing shown changes with a redemption."""
    now = clock.now()
    form = ReportForm(request.GET, member=request.member, now=now)
    wanted, by = form.wanted()
    report = report_of(request.member, wanted, by)
    context = {
        "form": form,
        "wanted": wanted,
        "by": by,
        "by_label": BY[by],
        "report": report,
        "lines": report.lines[:SHOWN],
        "charts": charts_of(daily(request.member, wanted)),
        "spans": spans_of(now),
        "mail": ReportSubscription.objects.filter(member=request.member).first(),
        "ab": with_two_moments(request.member),
        "every": ReportSubscription.Every.choices,
        "filters": request.GET.urlencode(),
    }
    return render(request, "console/reports/report.html", context)


def with_two_moments(member: Member) -> list[Campaign]:
    """Return the newest campaigns with at least two moments."""
    found = Campaign.objects.visible_to(member).filter(archived_at=None)
    return list(found.annotate(Count("moments")).filter(moments__count__gte=2).order_by("-created_at")[:10])


def spans_of(now: dt.datetime) -> list[tuple[str, Window]]:
    """Return labels and windows of common periods."""
    today = now.astimezone(dt.UTC).date()
    month = today.replace(day=1)
    last = month - dt.timedelta(days=1)
    return [
        (_("7 days"), Window.up_to(now, 7)),
        (_("30 days"), Window.up_to(now, 30)),
        (_("90 days"), Window.up_to(now, 90)),
        (_("This month"), Window(month, today)),
        (_("Last month"), Window(last.replace(day=1), last)),
    ]


COLUMNS = ["actions", "spend", "actions_before", "spend_before", "currency"]


@require_safe
@member_required()
def export(request: MemberRequest) -> StreamingHttpResponse:
    """Export the report as CSV. The export is logged."""
    now = clock.now()
    wanted, by = ReportForm(request.GET, member=request.member, now=now).wanted()
    record(request.member.organization, AuditEvent.EXPORTED, _("report"), by=request.user, now=now)
    return csv_response(exported(report_of(request.member, wanted, by), wanted, by), name=f"report-{now:%Y%m%d-%H%M}")


def exported(report: Report, wanted: ReportFilter, by: By) -> Iterator[Sequence[Any]]:
    named = [by.value, "of_campaign"] if by == By.MOMENT else [by.value]
    yield [*named, *COLUMNS]
    for line in report.lines:
        label = line.key if by == By.DAY else line.label
        names = [label, line.note] if by == By.MOMENT else [label]
        sums = (line.now.actions, as_text(line.now.cents), line.before.actions, as_text(line.before.cents))
        yield [*names, *sums, "USD"]


@require_safe
@member_required()
def compare(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Compare a campaign's moments by the share of users who acted."""
    campaign = campaign_of(request, pk)
    moments = list(campaign.moments.all())
    actions = actions_of(request.member, campaign, clock.now())
    is_asked = any(request.GET.get(moment.key) for moment in moments)
    form = SeenForm(request.GET if is_asked else None, moments=moments)
    context = {"campaign": campaign, "form": form, "moments": [(m, actions.get(m.pk, 0)) for m in moments]}
    if is_asked and form.is_valid():
        variants = [Variant(m.key, form.cleaned_data[m.key], actions.get(m.pk, 0)) for m in moments]
        for variant in variants:
            if variant.actions > variant.seen:
                message = _("%(actions)d of them were rewarded, so at least as many saw it.") % {
                    "actions": variant.actions
                }
                form.add_error(variant.key, message)
        if form.is_valid():
            context |= {"variants": variants, "differences": differences(variants)}
    return render(request, "console/reports/compare.html", context)


def actions_of(member: Member, campaign: Campaign, now: dt.datetime) -> dict[object, int]:
    """Return moment id → number of rewards issued since the campaign was created."""
    began = campaign.created_at.astimezone(dt.UTC).date() - dt.timedelta(days=1)
    life = ReportFilter(Window(began, now.astimezone(dt.UTC).date()), campaign)
    return {line.key: line.now.actions for line in report_of(member, life, By.MOMENT).lines}
