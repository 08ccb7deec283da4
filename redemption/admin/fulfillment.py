"""Admin pages for requests to fulfillment providers."""

from typing import Any

from babel.numbers import format_currency
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.organizations.access import SignedInRequest
from moments import clock
from moments.integrations.outcomes import Declined, InvalidProviderResponse, OutcomeUnknown
from moments.web.admin import ReadOnlyAdmin, each
from redemption.models import FulfillmentRequest
from redemption.orders.provider_requests import ask_again
from redemption.providers import dispatch
from redemption.providers.gift_codes import GiftCodes

WHAT_WAITS_FIRST = Case(
    When(status=FulfillmentRequest.Status.NEEDS_ATTENTION, then=Value(0)), default=Value(1), output_field=IntegerField()
)


@admin.register(FulfillmentRequest)
class FulfillmentRequestAdmin(ReadOnlyAdmin):
    list_display = [
        *("request_id", "its_order", "provider", "status", "attempts", "due_at", "provider_reference", "last_error")
    ]
    list_filter = ["status", "provider"]
    search_fields = ["request_id", "provider_reference"]
    date_hierarchy = "created_at"
    ordering = [WHAT_WAITS_FIRST.asc(), "-id"]
    actions = ["try_again", "look_up", "take_back"]

    @admin.display(description=_("order"))
    def its_order(self, row: FulfillmentRequest) -> str:
        page = reverse("admin:redemption_order_change", args=[row.order_id])
        return format_html('<a href="{}">{}</a>', page, row.request_id)

    def get_urls(self) -> list[URLPattern]:
        funds = path("funds/", self.admin_site.admin_view(self.funds), name="redemption_fulfillmentrequest_funds")
        return [funds, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        asks = not GiftCodes().what_is_missing() and self.has_operate_permission(request)
        return super().changelist_view(request, {**(extra_context or {}), "asks_for_funds": asks})

    @admin.action(permissions=["operate"], description=_("Ask and try again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[FulfillmentRequest]) -> None:
        now = clock.now()
        again = sum(ask_again(row, now=now) for row in queryset)
        self.message_user(request, _("%d requests are asked about again.") % again)

    @admin.action(permissions=["operate"], description=_("Ask whether it is there"))
    def look_up(self, request: SignedInRequest, queryset: QuerySet[FulfillmentRequest]) -> None:
        now = clock.now()
        each(self, request, queryset, lambda row: dispatch.look_up(row, by=request.user, now=now))

    @admin.action(permissions=["operate"], description=_("Take back at the provider, and ask no more"))
    def take_back(self, request: SignedInRequest, queryset: QuerySet[FulfillmentRequest]) -> None:
        now = clock.now()
        each(self, request, queryset, lambda row: dispatch.take_back(row, by=request.user, now=now))

    def funds(self, request: HttpRequest) -> HttpResponse:
        """Show the balance of the gift code account as a message."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_operate_permission(request):
            raise PermissionDenied
        try:
            amount, currency = GiftCodes().funds()
        except (OutcomeUnknown, Declined, InvalidProviderResponse) as outcome:
            self.message_user(request, _("There was no answer: %s") % outcome, messages.ERROR)
        else:
            left = format_currency(amount, currency, locale="en")
            self.message_user(request, _("%s is left for gift codes.") % left)
        return redirect("admin:redemption_fulfillmentrequest_changelist")
