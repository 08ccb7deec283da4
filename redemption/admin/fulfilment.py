"""Operators' pages: what providers are asked for."""

from django.contrib import admin
from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext_lazy as _

from moments import clock
from moments.admin import ReadOnlyAdmin
from redemption.fulfilment.requests import ask_again
from redemption.models import FulfilmentRequest

WHAT_WAITS_FIRST = Case(
    When(status=FulfilmentRequest.Status.NEEDS_ATTENTION, then=Value(0)), default=Value(1), output_field=IntegerField()
)


@admin.register(FulfilmentRequest)
class FulfilmentRequestAdmin(ReadOnlyAdmin):
    list_display = ["request_id", "provider", "status", "attempts", "due_at", "provider_reference", "last_error"]
    list_filter = ["status", "provider"]
    search_fields = ["request_id", "provider_reference"]
    date_hierarchy = "created_at"
    ordering = [WHAT_WAITS_FIRST.asc(), "-id"]
    actions = ["try_again"]

    @admin.action(permissions=["operate"], description=_("Ask and try again"))
    def try_again(self, request, queryset):
        now = clock.now()
        again = sum(ask_again(row, now=now) for row in queryset)
        self.message_user(request, _("%d requests are asked about again.") % again)
