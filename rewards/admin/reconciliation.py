"""Admin pages for reconciliation: its runs, the differences they found and the campaigns on hold."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.organizations.access import SignedInRequest
from campaigns.budget.holds import release_campaign
from campaigns.budget.rebuild_counters import rebuild_counters
from campaigns.models import Campaign
from moments import clock
from moments.errors import RuleViolation
from moments.web.admin import ReadOnlyAdmin
from moments.web.forms import WhyForm, add_refusal
from rewards.ledger.reconciliation import find_discrepancies, reconcile
from rewards.models import ReconciliationRun


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin):
    list_display = ["checked_at", "balanced", "took_ms", "summary"]
    change_list_template = "admin/rewards/books.html"
    readonly_fields = ["summary"]

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        own = [
            path("now/", site(self.check_now), name="rewards_reconciliationrun_now"),
            path("held/<uuid:pk>/", site(self.held), name="rewards_reconciliationrun_held"),
        ]
        return own + super().get_urls()

    @admin.display(description=_("balanced"), boolean=True)
    def balanced(self, check: ReconciliationRun) -> bool:
        return check.balanced

    @admin.display(description=_("what differed"))
    def summary(self, check: ReconciliationRun) -> str:
        return "; ".join(check.lines) or "–"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        campaigns = Campaign.objects.exclude(held_at=None).select_related("organization").order_by("held_at")
        context: dict[str, Any] = {
            "latest": ReconciliationRun.objects.first(),
            "last_balanced": ReconciliationRun.last_balanced(),
            "now": clock.now(),
        }
        context |= {"held": campaigns, "may_operate": self.has_operate_permission(request), "title": _("Books")}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def check_now(self, request: HttpRequest) -> HttpResponse:
        """Run the reconciliation now instead of waiting for the schedule."""
        if request.method == "POST" and self.has_operate_permission(request):
            found = reconcile(now=clock.now())
            said = _("%d differences.") % len(found) if found else _("The books agree.")
            messages.add_message(request, messages.ERROR if found else messages.SUCCESS, said)
        return redirect("admin:rewards_reconciliationrun_changelist")

    def held(self, request: SignedInRequest, pk: UUID) -> HttpResponse:
        """Show why a campaign is on hold. A POST releases it or rebuilds its counters from the ledger."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        campaign = get_object_or_404(Campaign.objects.select_related("organization"), pk=pk)
        form = WhyForm(request.POST or None)
        if request.method == "POST" and self.has_operate_permission(request) and form.is_valid():
            act = rebuild_counters if "recount" in request.POST else release_campaign
            try:
                act(campaign, why=form.cleaned_data["why"], by=request.user, now=clock.now())
            except RuleViolation as refusal:
                add_refusal(form, refusal)
            else:
                self.log_change(request, campaign, act.__name__)
                messages.success(request, _("%s: done.") % campaign)
                return redirect(
                    request.path if "recount" in request.POST else reverse("admin:rewards_reconciliationrun_changelist")
                )
        found = find_discrepancies()
        mine = [row for row in found if campaign.pk == row.campaign_id]
        concerned = mine + [row for row in found if campaign.organization_id == row.organization_id]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Held: %s") % campaign,
            "campaign": campaign,
            "differences": [(row, row.shown(row.counted), row.shown(row.ledger)) for row in concerned],
            "history": campaign.history.select_related("actor")[:20],
            "form": form,
            "opts": self.model._meta,
            "may_operate": self.has_operate_permission(request),
        }
        return render(request, "admin/rewards/held.html", context)
