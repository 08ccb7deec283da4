"""Items in an organization that need attention, most urgent first."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import ApiKey, Member, SupportRequest
from campaigns.billing.cards import may_be_billed
from campaigns.budget.spending import month_of
from campaigns.models import Campaign, OrganizationMonth, Payment, Statement
from moments.i18n.datetimes import display_date, display_month
from moments.money import display
from rewards.reporting.spend_forecast import Cap, SpendForecast

Status = Campaign.Status
SOON = dt.timedelta(days=7)
AT_MOST = 8


@dataclass(frozen=True)
class AttentionItem:
    """An item. ``level`` is the notice level: error, warning or empty."""

    level: str
    text: str
    label: str
    url: str


def attention_items(
    member: Member, campaigns: list[Campaign], outlooks: dict[object, SpendForecast], *, now: dt.datetime
) -> list[AttentionItem]:
    """Return the items for the member, at most eight. ``campaigns`` are unfinished ones with their ``outlooks``. Runs
    seven queries.
    """
    found = [
        *_of_payments(member),
        *_of_method(member, campaigns),
        *(need for campaign in campaigns for need in _of_state(campaign)),
        *_of_organization(member, now),
        *_of_statements(member, now),
        *_of_keys(member, campaigns),
        *(need for campaign in campaigns for need in _of_budget(campaign, outlooks[campaign.pk], now)),
        *_of_requests(member),
        *(need for campaign in campaigns if member.may_edit for need in _of_drafts(campaign)),
    ]
    rank = {"error": 0, "warning": 1, "": 2}
    return sorted(found, key=lambda need: rank[need.level])[:AT_MOST]


def _page_of(campaign: Campaign, page: str = "detail") -> str:
    return reverse(f"console:campaigns:{page}", args=[campaign.pk])


def _of_method(member: Member, campaigns: list[Campaign]) -> Iterator[AttentionItem]:
    waits = any(campaign.status == Status.PENDING for campaign in campaigns)
    if waits and not may_be_billed(member.organization):
        text = _("A campaign waits for approval, and no payment is arranged yet.")
        yield AttentionItem("warning", text, _("Arrange it"), reverse("console:billing:list"))


def _of_state(campaign: Campaign) -> Iterator[AttentionItem]:
    values = {"name": campaign.name}
    if campaign.held_because == Campaign.Held.BRAKE:
        text = _("“%(name)s” paused itself: it suddenly issued far more than before.")
        yield AttentionItem("error", text % values, _("Look at it"), _page_of(campaign))
    elif campaign.held_because:
        text = _("“%(name)s” is held while we check its books. We mail you when it goes on.")
        yield AttentionItem("error", text % values, _("Look at it"), _page_of(campaign))
    if campaign.status == Status.REJECTED:
        yield AttentionItem("error", _("“%(name)s” was not approved.") % values, _("Read why"), _page_of(campaign))
    if campaign.status == Status.APPROVED and campaign.goes_live == Campaign.GoesLive.BY_BUTTON:
        text = _("“%(name)s” is approved and waits for you to go live.")
        yield AttentionItem("", text % values, _("Test it"), _page_of(campaign))


def _of_organization(member: Member, now: dt.datetime) -> Iterator[AttentionItem]:
    row = OrganizationMonth.objects.filter(organization=member.organization, month=month_of(now)).first()
    if row and row.limit_cents and row.spent_cents * 100 >= row.limit_cents * 80:
        percent = row.spent_cents * 100 // row.limit_cents
        text = _("Your organization has spent %d %% of its monthly limit.") % percent
        yield AttentionItem("warning", text, _("See the limits"), reverse("console:limits:list"))


def _of_statements(member: Member, now: dt.datetime) -> Iterator[AttentionItem]:
    new = Statement.objects.visible_to(member).filter(status=Statement.Status.DUE, issued_at__gt=now - SOON)
    for statement in new[:1]:
        values = {"month": display_month(statement.month), "total": display(statement.total_cents)}
        url = reverse("console:billing:statement", args=[statement.slug])
        yield AttentionItem("", _("The statement of %(month)s is ready: %(total)s.") % values, _("Open"), url)


def _of_payments(member: Member) -> Iterator[AttentionItem]:
    failed = Payment.objects.filter(
        statement__organization=member.organization,
        statement__status=Statement.Status.DUE,
        status=Payment.Status.FAILED,
    ).select_related("statement")
    for payment in failed[:1]:
        values = {"total": display(payment.statement.total_cents), "card": payment.card}
        text = _("The payment of %(total)s by %(card)s failed.") % values
        yield AttentionItem("error", text, _("Billing"), reverse("console:billing:list"))


def _of_keys(member: Member, campaigns: list[Campaign]) -> Iterator[AttentionItem]:
    live = [campaign for campaign in campaigns if campaign.status == Status.LIVE]
    keys = ApiKey.objects.filter(app__organization=member.organization, mode=ApiKey.Mode.LIVE, revoked_at=None)
    keyed = set(keys.filter(expires_at=None).values_list("app_id", flat=True))
    for app in {campaign.app for campaign in live if campaign.app_id not in keyed}:
        text = _("%(app)s has a live campaign and no live key, so its server cannot ask for rewards.")
        yield AttentionItem("warning", text % {"app": app}, _("Keys"), reverse("console:developers:app", args=[app.pk]))


def _of_budget(campaign: Campaign, outlook: SpendForecast, now: dt.datetime) -> Iterator[AttentionItem]:
    if campaign.status != Status.LIVE:
        return
    values = {"name": campaign.name}
    today = now.astimezone(dt.UTC).date()
    if outlook.exhausted_on and outlook.by != Cap.ORGANIZATION and outlook.exhausted_on <= today + SOON:
        values |= {"day": display_date(outlook.exhausted_on)}
        text = _("“%(name)s”: at this pace its budget is spent on %(day)s.")
        if outlook.by == Cap.MONTH:
            text = _("“%(name)s”: at this pace its monthly limit is reached on %(day)s.")
        yield AttentionItem("warning", text % values, _("Budget"), reverse("console:limits:list"))
    elif campaign.ends_at and campaign.ends_at <= now + SOON:
        values |= {"day": display_date(campaign.ends_at.astimezone(dt.UTC).date())}
        yield AttentionItem("", _("“%(name)s” ends on %(day)s (UTC).") % values, _("See it"), _page_of(campaign))


def _of_requests(member: Member) -> Iterator[AttentionItem]:
    answered = SupportRequest.objects.filter(
        organization=member.organization, status=SupportRequest.Status.ANSWERED
    ).order_by("-created_at")
    for request in answered[:3]:
        url = reverse("console:support:detail", args=[request.pk])
        yield AttentionItem("", _("We answered “%s”.") % request.subject, _("Read"), url)


def _of_drafts(campaign: Campaign) -> Iterator[AttentionItem]:
    if campaign.status == Status.DRAFT:
        text = _("“%s” is a draft.") % campaign.name
        yield AttentionItem("", text, _("Continue"), _page_of(campaign, "details"))
