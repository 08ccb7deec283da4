"""Admin pages for appeals against refused claims."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.organizations.access import SignedInRequest
from accounts.privacy.access_log_admin import BreakGlassAdmin
from campaigns.models import Campaign
from moments import clock
from moments.errors import RuleViolation
from moments.web.admin import ReadOnlyAdmin
from moments.web.forms import add_refusal
from redemption.claim import appeals
from redemption.models import Appeal

OPEN_FIRST = Case(When(status=Appeal.Status.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Answer"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 4, "cols": 60}),
        help_text=_("The customer reads it. Needed to decline."),
    )


@admin.register(Appeal)
class AppealAdmin(BreakGlassAdmin, ReadOnlyAdmin):
    list_display = ["__str__", "campaign", "status", "reasons", "opened_at", "decided_at", "decided_by"]
    list_filter = ["status"]
    search_fields = ["customer__email", "reward__campaign__name"]
    list_select_related = ["reward__campaign", "decided_by"]
    ordering = [OPEN_FIRST.asc(), "-opened_at"]
    exclude = ["found", "reward"]
    readonly_fields = ["campaign", "reasons"]
    change_form_template = "admin/redemption/appeal.html"

    def get_urls(self) -> list[URLPattern]:
        answer = path("<int:pk>/answer/", self.admin_site.admin_view(self.answer), name="redemption_appeal_answer")
        return [answer, *super().get_urls()]

    @admin.display(description=_("campaign"))
    def campaign(self, appeal: Appeal) -> Campaign:
        return appeal.reward.campaign

    @admin.display(description=_("why it was refused"))
    def reasons(self, appeal: Appeal) -> str:
        reasons = appeals.reasons_of(appeal)
        if obstacle := appeals.obstacle_of(appeal, now=clock.now()):
            reasons.append(obstacle)
        return format_html_join(" ", "{}", ((reason,) for reason in reasons)) or "–"

    def answer(self, request: SignedInRequest, pk: int) -> HttpResponse:
        """Allow or decline the appeal."""
        if not self.has_operate_permission(request):
            raise PermissionDenied
        appeal = get_object_or_404(Appeal.objects.select_related("reward__campaign", "customer"), pk=pk)
        if asked := self.ask_why(request, appeal):
            return asked
        form = AnswerForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            act = appeals.allow_appeal if "allow" in request.POST else appeals.decline_appeal
            try:
                act(appeal, by=request.user, answer=form.cleaned_data["answer"], now=clock.now())
            except RuleViolation as refusal:
                add_refusal(form, refusal)
            else:
                self.log_change(request, appeal, appeal.status)
                messages.success(request, _("%s: answered.") % appeal)
                return redirect("admin:redemption_appeal_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Answer %s") % appeal,
            "appeal": appeal,
            "reasons": appeals.reasons_of(appeal),
            "obstacle": appeals.obstacle_of(appeal, now=clock.now()),
            "form": form,
            "opts": self.model._meta,
        }
        return render(request, "admin/redemption/answer.html", context)
