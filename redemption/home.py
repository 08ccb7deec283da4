"""What the console's first page says: what is spent, what runs, what to do next."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.models import ApiKey, Member
from campaigns.budget import month_of, organization_spent_cents
from campaigns.models import BudgetEntry, Campaign


@dataclass(frozen=True)
class Step:
    """One thing that a new organization does; ``url`` is a URL name."""

    label: str
    url: str
    is_done: bool


@dataclass(frozen=True)
class Home:
    """Cents are US cents of this calendar month (UTC)."""

    spent_cents: int
    limit_cents: int
    rewards: int
    live: int
    pending: int
    steps: list[Step]
    campaigns: list[Campaign]

    @property
    def percent(self) -> int:
        return min(self.spent_cents * 100 // self.limit_cents, 100) if self.limit_cents else 100

    @property
    def is_started(self) -> bool:
        return all(step.is_done for step in self.steps)


def home_of(member: Member, *, now: dt.datetime) -> Home:
    organization = member.organization
    campaigns = Campaign.objects.visible_to(member).filter(archived_at=None)
    counts = campaigns.aggregate(
        live=Count("pk", filter=Q(status="live")), pending=Count("pk", filter=Q(status="pending")), all=Count("pk")
    )
    issued = BudgetEntry.objects.filter(
        organization=organization, month=month_of(now), reference__startswith="reward:"
    ).count()
    has_key = ApiKey.objects.filter(app__organization=organization, revoked_at=None).exists()
    submitted = campaigns.exclude(status__in=["draft", "rejected"]).exists()
    return Home(
        spent_cents=organization_spent_cents(organization, now=now),
        limit_cents=organization.monthly_limit_cents,
        rewards=issued,
        live=counts["live"],
        pending=counts["pending"],
        steps=[
            Step(_("Register your app"), "accounts:apps", organization.apps.exists()),
            Step(_("Create an API key for its server"), "accounts:apps", has_key),
            Step(_("Create a campaign"), "campaigns:new", counts["all"] > 0),
            Step(_("Submit it for approval"), "campaigns:list", submitted),
        ],
        campaigns=list(campaigns.select_related("app", "banner").order_by("-created_at")[:6]),
    )
