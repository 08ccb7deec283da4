"""Admin pages for customers' payments and reservations."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.privacy.access_log import masked_email
from accounts.privacy.access_log_admin import BreakGlassAdmin
from moments.money import display
from moments.web.admin import ReadOnlyAdmin, each
from redemption.checkout.unknown_payments import mark_refunded
from redemption.models import OrderPayment, Reservation


@admin.register(OrderPayment)
class OrderPaymentAdmin(BreakGlassAdmin, ReadOnlyAdmin):
    personal = {"customer": masked_email}
    list_display = ["order", "product", "amount", "status", "begun_at", "ended_at", "customer"]
    list_filter = ["status", "currency"]
    search_fields = ["order__number", "intent_id"]
    list_select_related = ["order", "product", "customer"]
    exclude = ["reward", "amount_cents", "currency"]
    readonly_fields = ["amount"]
    actions = ["mark_refunded"]

    @admin.display(description=_("amount"), ordering="amount_cents")
    def amount(self, payment: OrderPayment) -> str:
        return display(payment.amount_cents, payment.currency)

    @admin.action(permissions=["operate"], description=_("Refunded by hand"))
    def mark_refunded(self, request: HttpRequest, queryset: QuerySet[OrderPayment]) -> None:
        """Mark a refund as made by hand if Stripe does not know the payment."""

        def mark(payment: OrderPayment) -> None:
            mark_refunded(payment)
            self.log_change(request, payment, "refunded by hand")

        each(self, request, queryset, mark)


@admin.register(Reservation)
class ReservationAdmin(BreakGlassAdmin, ReadOnlyAdmin):
    """Reservations without their address, which is shown with the order later."""

    personal = {"customer": masked_email}
    list_display = ["product", "size", "number", "held_at", "held_until", "customer"]
    list_select_related = ["product", "size", "customer"]
    fields = ["number", "product", "size", "substitute_for", "value_cents", "held_at", "held_until", "customer"]
