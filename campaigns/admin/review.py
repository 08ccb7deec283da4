"""The operators' page that shows what was submitted, and where they approve or reject it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.organizations.access import SignedInRequest
from campaigns.approval import transitions
from campaigns.approval.review_money import cautions_of, cost_of, payer_of
from campaigns.approval.review_rows import changes_between, known_of, sections_of
from campaigns.approval.snapshot import diff_versions
from campaigns.models import Campaign, CampaignVersion
from moments import clock
from moments.errors import RuleViolation


class ApproveForm(forms.Form):
    note = forms.CharField(
        label=_("Note (optional)"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("The developer reads it in the campaign's history."),
    )


class RejectForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 4}), help_text=_("The developer reads it.")
    )


class Reviews(admin.ModelAdmin):
    """For the campaigns' admin."""

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.change_campaign")

    def review(self, request: SignedInRequest, pk: UUID) -> HttpResponse:
        """What was submitted, against what was approved last; approve it, or reject it with a reason."""
        campaign = self.get_object(request, str(pk))
        if campaign is None or not self.has_review_permission(request):
            messages.error(request, _("There is no such campaign, or you may not review it."))
            return redirect("admin:campaigns_campaign_changelist")
        approval = ApproveForm(request.POST if "approve" in request.POST else None)
        rejection = RejectForm(request.POST if "reject" in request.POST else None)
        if request.method == "POST" and self._decide(request, campaign, approval, rejection):
            return redirect("admin:campaigns_campaign_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review %s") % campaign,
            "campaign": campaign,
            "approval": approval,
            "rejection": rejection,
            "opts": Campaign._meta,
            "is_pending": campaign.status == Campaign.Status.PENDING,
            **shown_of(campaign),
        }
        return render(request, "admin/campaigns/review.html", context)

    def _decide(self, request: SignedInRequest, campaign: Campaign, approval: Form, rejection: Form) -> bool:
        now, seen = clock.now(), request.POST.get("version", "")
        number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0
        common: dict[str, Any] = {"by": request.user, "number": number, "now": now}
        try:
            if approval.is_valid():
                transitions.approve_campaign(campaign, note=approval.cleaned_data["note"], **common)
            elif rejection.is_valid():
                transitions.reject_campaign(campaign, reason=rejection.cleaned_data["reason"], **common)
            else:
                return False
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
            return False
        self.log_change(request, campaign, campaign.get_status_display())
        messages.success(request, f"{campaign}: {campaign.get_status_display()}")
        return True


def shown_of(campaign: Campaign) -> dict:
    """The latest version in words, what changed since the approved one, and what the decision depends on."""
    now = clock.now()
    version, approved = campaign.versions.first(), transitions.last_approved(campaign)
    if approved == version:
        approved = None
    return {
        "version": version,
        "approved": approved,
        "cost": cost_of(campaign, now=now),
        "payer": payer_of(campaign.organization),
        "cautions": cautions_of(campaign, now=now),
        **(_in_words(campaign, version, approved) if version else {}),
    }


def _in_words(campaign: Campaign, version: CampaignVersion, approved: CampaignVersion | None) -> dict:
    old = approved.content if approved else None
    known = known_of(campaign.organization, version.content, *([old] if old else []))
    return {
        "sections": [section for section in sections_of(version.content, known) if section.rows],
        "changes": changes_between(old, version.content, known) if old else [],
        "differences": diff_versions(old, version.content),
    }
