"""Data of the console's start page: items that need attention, rewards, spending and campaigns."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.utils.translation import gettext as _

from accounts.models import ApiKey, Member
from campaigns.budget.spending import organization_spent_cents
from campaigns.models import Campaign
from campaigns.models.plan import CampaignQuerySet
from console.home.attention_items import AttentionItem, attention_items
from console.reports.charts import charts_of
from moments.web.charts import Chart
from rewards.reporting.daily_totals import ReportFilter, Totals, Window, daily
from rewards.reporting.spend_forecast import SpendForecast, spend_forecasts

DAYS = 30
MOST_SCANNED = 200  # unfinished campaigns; the list shows the others
SHOWN = 8
ORDER = ["live", "approved", "suspended", "pending", "rejected", "draft"]


@dataclass(frozen=True)
class Step:
    """A step of the onboarding; ``url`` is a URL name."""

    label: str
    url: str
    is_done: bool


@dataclass(frozen=True)
class Dashboard:
    """The dashboard. Cents are US cents; days and months are in UTC, as for caps."""

    spent_cents: int
    limit_cents: int
    live: int
    pending: int
    today: Totals
    days: list[tuple[dt.date, Totals]]
    charts: list[Chart]
    steps: list[Step]
    needs: list[AttentionItem]
    campaigns: list[tuple[Campaign, SpendForecast]]

    @property
    def percent(self) -> int:
        return min(self.spent_cents * 100 // self.limit_cents, 100) if self.limit_cents else 100

    @property
    def is_started(self) -> bool:
        return all(step.is_done for step in self.steps)

    @property
    def total(self) -> Totals:
        every = [sums for _day, sums in self.days]
        return Totals(sum(one.actions for one in every), sum(one.cents for one in every))


def dashboard_of(member: Member, *, now: dt.datetime) -> Dashboard:
    organization = member.organization
    every = Campaign.objects.visible_to(member).filter(archived_at=None)
    counts = every.aggregate(
        live=Count("pk", filter=Q(status=Campaign.Status.LIVE)),
        pending=Count("pk", filter=Q(status=Campaign.Status.PENDING)),
        all=Count("pk"),
    )
    campaigns = unfinished(every)
    foreseen = spend_forecasts(campaigns, now=now)
    days = daily(member, ReportFilter(Window.up_to(now, DAYS)))
    return Dashboard(
        spent_cents=organization_spent_cents(organization, now=now),
        limit_cents=organization.monthly_limit_cents,
        live=counts["live"],
        pending=counts["pending"],
        today=list(days.values())[-1],
        days=list(reversed(days.items())),
        charts=charts_of(days),
        steps=steps_of(member, every, counts["all"]),
        needs=attention_items(member, campaigns, foreseen, now=now),
        campaigns=[(campaign, foreseen[campaign.pk]) for campaign in campaigns[:SHOWN]],
    )


def unfinished(campaigns: CampaignQuerySet) -> list[Campaign]:
    """Return unfinished campaigns: live ones first, then by status, newest first."""
    ranks = [When(status=status, then=Value(rank)) for rank, status in enumerate(ORDER)]
    ranked = campaigns.exclude(status=Campaign.Status.FINISHED).annotate(rank=Case(*ranks, output_field=IntegerField()))
    return list(ranked.select_related("app", "organization").order_by("rank", "-created_at")[:MOST_SCANNED])


def steps_of(member: Member, campaigns: CampaignQuerySet, how_many: int) -> list[Step]:
    organization = member.organization
    has_key = ApiKey.objects.filter(app__organization=organization, revoked_at=None).exists()
    submitted = campaigns.exclude(status__in=[Campaign.Status.DRAFT, Campaign.Status.REJECTED]).exists()
    return [
        Step(_("Register your app"), "console:developers:apps", organization.apps.exists()),
        Step(_("Create an API key for its server"), "console:developers:apps", has_key),
        Step(_("Create a campaign"), "console:campaigns:new", how_many > 0),
        Step(_("Submit it for approval"), "console:campaigns:list", submitted),
    ]
