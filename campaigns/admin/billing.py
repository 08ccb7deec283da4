"""Operators' pages: statements, and which of them are paid."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.organizations.access import SignedInRequest
from campaigns.billing.statements import mark_paid
from campaigns.models import Statement, StatementLine
from moments import clock
from moments.errors import RuleViolation
from moments.money import display
from moments.web.admin import ReadOnlyAdmin, ReadOnlyInline


class LineInline(ReadOnlyInline):
    model = StatementLine
    fields = ["campaign_name", "moment_key", "actions", "each_cents", "cents"]
    show_change_link = False


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    list_display = ["number", "organization", "month", "total", "status", "issued_at", "paid_at", "paid_marked_by"]
    list_filter = ["status", "month"]
    search_fields = ["number", "organization__name"]
    list_select_related = ["organization", "paid_marked_by"]
    inlines = [LineInline]
    actions = ["mark_as_paid"]

    @admin.display(description=_("total"), ordering="total_cents")
    def total(self, statement: Statement) -> str:
        return display(statement.total_cents)

    @admin.action(permissions=["operate"], description=_("Mark as paid"))
    def mark_as_paid(self, request: SignedInRequest, queryset: QuerySet[Statement]) -> None:
        for statement in queryset:
            try:
                mark_paid(statement, by=request.user, now=clock.now())
            except RuleViolation as refusal:
                self.message_user(request, f"{statement}: {refusal.message}", messages.ERROR)
            else:
                self.log_change(request, statement, "marked as paid")
                self.message_user(request, f"{statement}: {_('paid')}.", messages.SUCCESS)
