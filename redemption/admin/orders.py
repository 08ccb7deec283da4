"""Admin pages for orders: the queue, its filters and the actions on a single order."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from accounts.organizations.access import SignedInRequest
from catalog.models import Product
from moments import clock
from moments.errors import RuleViolation
from moments.security.encryption import DecryptionError
from moments.web.admin import ReadOnlyInline
from moments.web.admin_filters import NamedValuesFilter
from moments.web.forms import add_refusal
from redemption.admin.warehouse import WarehousePages
from redemption.models import FulfillmentRequest, Order, OrderChange, Substitution
from redemption.models.orders import NUMBER_ALPHABET
from redemption.orders.digital_content import content_of
from redemption.orders.provider_requests import may_be_there, request_of
from redemption.shipping import transitions


class HistoryInline(ReadOnlyInline):
    model = OrderChange
    fields = ["occurred_at", "actor", "event", "reason"]
    show_change_link = False


class SubstitutionInline(ReadOnlyInline):
    model = Substitution
    fields = ["original", "substitute", "status", "offered_at", "decided_at"]
    show_change_link = False


class FulfillmentInline(ReadOnlyInline):
    model = FulfillmentRequest
    fields = ["provider", "status", "attempts", "due_at", "provider_reference", "absent_at", "last_error"]


class CheckedForm(forms.Form):
    """A form that asks how the operator knows that the provider has no such order. The field is removed if it does not
    apply.
    """

    checked = forms.CharField(
        label=_("How do you know that the provider has no such order?"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("If you looked there yourself. It is kept in the order's history, with your name."),
    )


class ChangeTrackingForm(forms.Form):
    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    tracking_number = forms.CharField(
        label=_("Tracking number"), max_length=80, help_text=_("The customer gets another email with it.")
    )


class ShipForm(CheckedForm):
    field_order = ["carrier", "tracking_number", "without_tracking", "digital_content", "checked"]
    without_tracking = forms.BooleanField(label=_("Ship without tracking"), required=False)
    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=80, required=False)
    digital_content = forms.CharField(label=_("Code or link"), required=False, widget=forms.Textarea({"rows": 3}))

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        is_confirmed = fields.pop("without_tracking", True)
        if not is_confirmed and not fields.get("tracking_number") and "tracking_number" not in self.errors:
            question = _("Ship without tracking? Enter a tracking number, or check this box.")
            self.add_error("without_tracking", question)
        return fields


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("The customer reads it."))


class CancelForm(CheckedForm, ReasonForm):
    pass


class RefundForm(ReasonForm):
    is_unit_back = forms.BooleanField(
        label=_("It came back"), required=False, initial=False, help_text=_("The unit goes back to its shelf.")
    )
    may_choose_again = forms.BooleanField(
        label=_("The customer may choose again"),
        required=False,
        initial=True,
        help_text=_("With the reward, until it expires."),
    )


class WaitsFilter(admin.SimpleListFilter):
    """Filter orders by the next step and who has to take it."""

    title = _("what it waits for")
    parameter_name = "waits"
    WAITS = {
        "pick": (_("to be picked"), lambda orders: orders.to_pick()),
        "pack": (_("to be packed"), lambda orders: orders.to_pack()),
        "ship": (_("to be shipped"), lambda orders: orders.to_ship()),
        "code": (_("a code to be entered"), lambda orders: orders.codes_to_enter()),
        "late": (_("too long: not sent in time"), lambda orders: orders.late(clock.now())),
        "missing": (_("an equal: it is missing"), lambda orders: orders.missing()),
        "customer": (_("the customer's answer"), lambda orders: orders.waiting_for_customers()),
        "provider": (_("a provider"), lambda orders: orders.at_providers("queued", "sending")),
        "unknown": (_("a provider that did not answer"), lambda orders: orders.at_providers("unknown")),
        "attention": (_("your attention"), lambda orders: orders.at_providers("needs_attention")),
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _narrow) in self.WAITS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.WAITS.get(self.value() or "")
        return chosen[1](queryset) if chosen else queryset


class StatusFilter(admin.ChoicesFieldListFilter):
    """Filter by status with the labels for operators. The labels of the model field are for customers."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        words = {str(status.label): text for status, text in Order.IN_STAFF_WORDS.items()}
        for choice in super().choices(changelist):
            yield {**choice, "display": words.get(str(choice["display"]), choice["display"])}


ADDRESS: list[str | list[str] | tuple[str, ...]] = [
    "recipient",
    "street",
    ("city_area", "city", "region"),
    ("postal_code", "country"),
    "phone",
]


AMOUNTS: tuple[str, ...] = tuple(
    f"{name}_cents" for name in ("item", "shipping", "tax", "credit", "operator_paid", "paid")
)


@admin.register(Order)
class OrderAdmin(WarehousePages):
    list_display = [
        "number",
        "item",
        "state",
        "waiting",
        "country",
        "speed",
    ]
    list_filter = [
        WaitsFilter,
        ("status", StatusFilter),
        "is_two_day",
        "product__fulfillment",
        ("country", NamedValuesFilter),
    ]
    search_fields = ["number", "tracking_number", "product__title", "product__sku", "recipient", "customer__email"]
    search_help_text = _("Number, tracking number, product, SKU, the recipient's name or the customer's address.")
    list_select_related = ["product"]
    date_hierarchy = "placed_at"
    fieldsets = [
        (None, {"fields": [("number", "state"), ("product", "size"), ("its_reward", "customer")]}),
        (_("It goes to"), {"fields": [*ADDRESS, ("shipping_kind", "speed"), ("carrier", "tracking_number")]}),
        (_("Who pays what"), {"fields": [AMOUNTS]}),
        (_("When"), {"fields": [("placed_at", "shipped_at", "delivered_at", "canceled_at", "refunded_at")]}),
    ]
    readonly_fields = ["state", "speed", "its_reward", *AMOUNTS]
    inlines = [FulfillmentInline, SubstitutionInline, HistoryInline]
    change_form_template = "admin/redemption/order.html"

    def is_personal_search(self, term: str) -> bool:
        """Return False for an order number, which identifies no person."""
        return not re.fullmatch(rf"[{NUMBER_ALPHABET}]{{4}}(-[{NUMBER_ALPHABET}]{{4}}){{2}}", term)

    @admin.display(description=_("age"), ordering="placed_at")
    def waiting(self, order: Order) -> str:
        """Return how long ago an unshipped order was placed."""
        return "" if order.shipped_at or order.status in Order.ENDED else timesince(order.placed_at, depth=1)

    @admin.display(description=_("item"), ordering="product__title")
    def item(self, order: Order) -> str | Product:
        return f"{order.product}, {order.size}" if order.size else order.product

    @admin.display(description=_("status"), ordering="status")
    def state(self, order: Order) -> str | Promise:
        return _("missing") if order.is_missing else order.staff_status

    @admin.display(description=_("how fast"), ordering="is_two_day")
    def speed(self, order: Order) -> str | Promise:
        return _("two days") if order.is_two_day else ""

    @admin.display(description=_("reward"))
    def its_reward(self, order: Order) -> str:
        page = reverse("admin:rewards_reward_change", args=[order.reward_id])
        return format_html('<a href="{}">{}</a>', page, order.reward_id)

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        own = [
            path("<int:pk>/ship/", site(self.ship), name="redemption_order_ship"),
            path("<int:pk>/tracking/", site(self.change_tracking), name="redemption_order_change_tracking"),
            path("<int:pk>/cancel/", site(self.cancel), name="redemption_order_cancel"),
            path("<int:pk>/content/", site(self.content), name="redemption_order_content"),
            path("<int:pk>/refund/", site(self.refund), name="redemption_order_refund"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the actions that are possible now to the context."""
        order = self.get_object(request, object_id)
        can = order.can_become if order else lambda status: False
        steps = {"can_ship": can("shipped"), "can_cancel": can("canceled"), "can_refund": can("refunded")}
        return super().change_view(request, object_id, form_url, {**steps, **(extra_context or {})})

    def content(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the decrypted code or link to help a customer who lost it. Each access is logged."""
        order = self.get_object(request, str(pk))
        if order is None or not self.has_operate_permission(request):
            raise PermissionDenied
        if asked := self.ask_why(request, order, what=str(_("code or link of an order"))):
            return asked
        try:
            shown = content_of(order)
        except DecryptionError:
            shown = ""
        context = {**self.admin_site.each_context(request), "title": _("Code or link of order %s") % order}
        return render(request, "admin/redemption/content.html", {**context, "order": order, "content": shown})

    def ship(self, request: SignedInRequest, pk: int) -> HttpResponse:
        def act(order: Order, fields: dict[str, Any]) -> None:
            transitions.ship_order(order, by=request.user, **fields, now=clock.now())

        return self._act_on(request, pk, ShipForm, act, _("Ship order %s"), _("Ship"))

    def change_tracking(self, request: SignedInRequest, pk: int) -> HttpResponse:
        def act(order: Order, fields: dict[str, Any]) -> None:
            transitions.change_tracking(order, by=request.user, **fields, now=clock.now())

        title = _("Change the tracking of order %s")
        return self._act_on(request, pk, ChangeTrackingForm, act, title, _("Change tracking"))

    def cancel(self, request: SignedInRequest, pk: int) -> HttpResponse:
        def act(order: Order, fields: dict[str, Any]) -> None:
            transitions.cancel_order(order, by=request.user, **fields, now=clock.now())

        return self._act_on(request, pk, CancelForm, act, _("Cancel order %s"), _("Cancel this order"))

    def refund(self, request: SignedInRequest, pk: int) -> HttpResponse:
        def act(order: Order, fields: dict[str, Any]) -> None:
            transitions.refund_order(order, by=request.user, **fields, now=clock.now())

        return self._act_on(request, pk, RefundForm, act, _("Refund order %s"), _("Refund this order"))

    def _act_on(
        self,
        request: SignedInRequest,
        pk: int,
        form_class: type[forms.Form],
        act: Callable[[Order, dict[str, Any]], object],
        title: str | Promise,
        verb: str | Promise,
    ) -> HttpResponse:
        """Show the form for one order and call ``act`` with its data."""
        order = self.get_object(request, str(pk))
        if order is None or not request.user.has_perm("redemption.change_order"):
            messages.error(request, _("There is no such order, or you may not change it."))
            return redirect("admin:redemption_order_changelist")
        form = form_class(request.POST or None)
        is_digital = order.product.kind == Product.Kind.DIGITAL
        for name in ("carrier", "tracking_number", "without_tracking") if is_digital else ("digital_content",):
            form.fields.pop(name, None)
        stopped = request_of(order)
        if stopped is None or not may_be_there(stopped, clock.now()):
            form.fields.pop("checked", None)
        if request.method == "POST" and form.is_valid():
            try:
                act(order, form.cleaned_data)
            except RuleViolation as refusal:
                add_refusal(form, refusal)
            else:
                self.log_change(request, order, order.staff_status)
                messages.success(request, f"{order}: {order.staff_status}")
                return redirect("admin:redemption_order_change", pk)
        context = {**self.admin_site.each_context(request), "title": title % order, "form": form, "verb": verb}
        return render(request, "admin/redemption/act.html", {**context, "order": order, "opts": self.model._meta})
