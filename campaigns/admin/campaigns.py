"""Operators' pages: campaigns to approve, with what changed, and budgets."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from accounts.organizations.access import SignedInRequest
from campaigns.admin.review import Reviews
from campaigns.budget.limits import refuse_below_spent, set_brake, set_campaign_ceiling, set_organization_limit
from campaigns.budget.spending import month_of, organization_spent_cents
from campaigns.models import (
    BudgetEntry,
    Campaign,
    CampaignChange,
    CampaignMonth,
    Moment,
    OrganizationLimitChange,
    OrganizationMonth,
    RewardGroup,
)
from moments import clock
from moments.errors import RuleViolation
from moments.i18n.datetimes import display_date
from moments.money import display
from moments.web.admin import MoneyAdmin, ReadOnlyAdmin, ReadOnlyInline
from moments.web.forms import MoneyField, WholeNumberField, WhyForm, add_refusal


class MomentInline(ReadOnlyInline):
    model = Moment
    fields = ["key", "description", "costs", "audience_note"]
    readonly_fields = ["costs"]
    show_change_link = False

    @admin.display(description=_("cost per action"))
    def costs(self, moment: Moment) -> str:
        found = moment.costs.select_related("group").order_by("group")
        return ", ".join(f"{cost.group.key} {display(cost.cpa_cents)}" for cost in found) or "–"


class GroupInline(ReadOnlyInline):
    model = RewardGroup
    fields = ["marketplace", "key", "kind", "category", "retail_value_cents"]
    show_change_link = False


class HistoryInline(ReadOnlyInline):
    model = CampaignChange
    fields = ["occurred_at", "actor", "event", "reason"]
    show_change_link = False


class CeilingForm(WhyForm):
    ceiling_cents = MoneyField(label=_("Highest monthly limit (US dollars)"))
    field_order = ["ceiling_cents", "why"]


class BrakeForm(WhyForm):
    is_on = forms.BooleanField(label=_("Runaway brake"), required=False)
    floor = WholeNumberField(label=_("Never below so many rewards in 5 minutes"), min_value=1, max_value=1_000_000)
    field_order = ["is_on", "floor", "why"]


@admin.register(Campaign)
class CampaignAdmin(Reviews, ReadOnlyAdmin):
    list_display = ["name", "status", "review_link", "organization", "app", "starts_on", "ends_on", "spent"]
    list_filter = ["status", "held_because", "kind"]
    search_fields = ["name", "organization__name", "id"]
    list_select_related = ["organization", "app"]
    inlines = [MomentInline, GroupInline, HistoryInline]
    readonly_fields = ["review_link", "total_spent_cents"]

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        own = [
            path("<uuid:pk>/review/", site(self.review), name="campaigns_campaign_review"),
            path("<uuid:pk>/ceiling/", site(self.ceiling), name="campaigns_campaign_ceiling"),
        ]
        return own + super().get_urls()

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Why campaigns are held takes a column only while some are."""
        columns = super().get_list_display(request)
        return [*columns, "held_because"] if Campaign.objects.exclude(held_at=None).exists() else columns

    @admin.display(description=_("starts (UTC)"), ordering="starts_at")
    def starts_on(self, campaign: Campaign) -> str:
        return display_date(campaign.starts_at.date()) if campaign.starts_at else "–"

    @admin.display(description=_("ends (UTC)"), ordering="ends_at")
    def ends_on(self, campaign: Campaign) -> str:
        return display_date(campaign.ends_at.date()) if campaign.ends_at else "–"

    @admin.display(description=_("spent"))
    def spent(self, campaign: Campaign) -> str:
        return f"{display(campaign.total_spent_cents)} / {display(campaign.total_budget_cents)}"

    @admin.display(description=_("review"))
    def review_link(self, campaign: Campaign) -> str:
        label = _("Review") if campaign.status == Campaign.Status.PENDING else _("Look at")
        return format_html('<a href="{}">{}</a>', reverse("admin:campaigns_campaign_review", args=[campaign.pk]), label)

    def ceiling(self, request: SignedInRequest, pk: UUID) -> HttpResponse:
        """Raise or lower the highest monthly limit that the developer may choose; set the brake."""
        campaign = self.get_object(request, str(pk))
        if campaign is None or not self.has_review_permission(request):
            return redirect("admin:campaigns_campaign_changelist")
        is_brake = "brake" in request.POST
        ceiling = CeilingForm(
            request.POST if request.POST and not is_brake else None,
            initial={"ceiling_cents": campaign.monthly_ceiling_cents},
        )
        brake = BrakeForm(
            request.POST if is_brake else None,
            initial={"is_on": campaign.brake_is_on, "floor": campaign.brake_floor},
            auto_id="id_brake_%s",
        )
        form, act = (brake, set_brake) if is_brake else (ceiling, set_campaign_ceiling)
        if request.method == "POST" and form.is_valid():
            try:
                act(campaign, **form.cleaned_data, by=request.user, now=clock.now())
            except RuleViolation as refusal:
                add_refusal(form, refusal)
            else:
                self.log_change(request, campaign, act.__name__)
                messages.success(request, _("%s: the new limits hold.") % campaign)
                return redirect(request.path)
        context = {**self.admin_site.each_context(request), "title": _("Limits of %s") % campaign, "brake": brake}
        context |= {"ceiling": ceiling, "campaign": campaign, "opts": self.model._meta}
        return render(request, "admin/campaigns/limit.html", context)


class LimitForm(forms.ModelForm, WhyForm):
    new_limit = MoneyField(label=_("New limit (US dollars)"))
    field_order = ["organization", "new_limit", "why"]

    class Meta:
        model = OrganizationMonth
        fields = ["organization"]

    def clean(self) -> dict[str, Any]:
        """What the service would refuse is refused beside the field; what changes meanwhile, by the service."""
        super().clean()
        cleaned, now = self.cleaned_data, clock.now()
        organization = cleaned.get("organization") or (self.instance.organization if self.instance.pk else None)
        if organization and cleaned.get("new_limit") is not None:
            spent = organization_spent_cents(organization, now=now)
            try:
                refuse_below_spent(cleaned["new_limit"], spent, field="new_limit")
            except RuleViolation as refusal:
                add_refusal(self, refusal)
        return cleaned


@admin.register(OrganizationMonth)
class OrganizationMonthAdmin(MoneyAdmin):
    """What organizations have spent this month and may spend; a new limit holds from this month on.

    To add a row is to set the limit of an organization that has spent nothing yet this month.
    """

    form = LimitForm
    list_display = ["organization", "month", "spent_cents", "limit_cents"]
    list_filter = ["month"]
    search_fields = ["organization__name"]
    autocomplete_fields = ["organization"]
    list_select_related = ["organization"]
    readonly_fields = ["organization", "month", "spent_cents", "limit_cents", "changes"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return super().get_readonly_fields(request, obj) if obj else []

    @admin.display(description=_("changes so far"))
    def changes(self, row: OrganizationMonth) -> str:
        template = "{at:%Y-%m-%d %H:%M} UTC, {by}: {before} → {after}. {why}"
        lines = [
            template.format(
                at=change.occurred_at,
                by=change.actor or "–",
                before=display(change.before_cents),
                after=display(change.after_cents),
                why=change.reason,
            )
            for change in OrganizationLimitChange.objects.filter(organization=row.organization_id).select_related(
                "actor"
            )
        ]
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines)) or "–"  # noqa: S308

    def has_change_permission(self, request: HttpRequest, obj: OrganizationMonth | None = None) -> bool:
        """A month that is over has the limit that it had."""
        return super().has_change_permission(request, obj) and (obj is None or obj.month == month_of(clock.now()))

    def has_delete_permission(self, request: HttpRequest, obj: OrganizationMonth | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: OrganizationMonth, form: Any, change: bool) -> None:
        now = clock.now()
        organization = Organization.objects.get(pk=obj.organization_id)
        limit, why = form.cleaned_data["new_limit"], form.cleaned_data["why"]
        try:
            set_organization_limit(organization, limit_cents=limit, why=why, by=cast(User, request.user), now=now)
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
        obj.__dict__.update(OrganizationMonth.objects.get(organization=organization, month=month_of(now)).__dict__)


@admin.register(CampaignMonth)
class CampaignMonthAdmin(ReadOnlyAdmin):
    list_display = ["campaign", "month", "spent_cents", "limit_cents"]
    list_filter = ["month"]
    search_fields = ["campaign__name"]


@admin.register(BudgetEntry)
class BudgetEntryAdmin(ReadOnlyAdmin):
    list_display = ["id", "occurred_at", "organization", "campaign", "kind", "amount_cents", "reference"]
    list_filter = ["kind", "month"]
    search_fields = ["reference", "campaign__name", "organization__name"]
    list_select_related = ["organization", "campaign"]
