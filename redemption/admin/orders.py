"""Operators' pages: orders to ship, equals."""

import re

from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts.looking import AsksWhy
from moments import clock
from moments.admin import ReadOnlyAdmin, ReadOnlyInline, each
from moments.errors import RuleViolation
from moments.forms import add_refusal
from redemption import handling, substitution
from redemption.models import FulfilmentRequest, Order, OrderChange, Substitution
from redemption.models.orders import NUMBER_ALPHABET


class HistoryInline(ReadOnlyInline):
    model = OrderChange
    fields = ["at", "by", "what", "why"]
    show_change_link = False


class SubstitutionInline(ReadOnlyInline):
    model = Substitution
    fields = ["original", "substitute", "status", "offered_at", "decided_at"]
    show_change_link = False


class FulfilmentInline(ReadOnlyInline):
    model = FulfilmentRequest
    fields = ["provider", "status", "attempts", "due_at", "provider_reference", "last_error"]


class ShipForm(forms.Form):
    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=80, required=False)
    digital_content = forms.CharField(
        label=_("Code or link"), required=False, widget=forms.Textarea({"rows": 3}), help_text=_("Digital items only.")
    )


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("The customer reads it."))


@admin.register(Order)
class OrderAdmin(AsksWhy, ReadOnlyAdmin):
    list_display = [
        "number",
        "product",
        "size",
        "status",
        "is_missing",
        "country",
        "is_two_day",
        "placed_at",
        "shipped_at",
    ]
    list_filter = ["status", "is_missing", "is_two_day", "country"]
    search_fields = ["number", "tracking_number", "product__title"]
    list_select_related = ["product"]
    date_hierarchy = "placed_at"
    exclude = ["reward", "language", "sealed_content"]
    inlines = [FulfilmentInline, SubstitutionInline, HistoryInline]
    actions = ["mark_missing", "mark_delivered"]
    change_form_template = "admin/redemption/order.html"

    def is_personal_search(self, term):
        """Its number says nothing of whose order it is."""
        return not re.fullmatch(rf"[{NUMBER_ALPHABET}]{{4}}(-[{NUMBER_ALPHABET}]{{4}}){{2}}", term)

    def get_urls(self):
        site = self.admin_site.admin_view
        own = [
            path("<int:pk>/ship/", site(self.ship), name="redemption_order_ship"),
            path("<int:pk>/cancel/", site(self.cancel), name="redemption_order_cancel"),
        ]
        return own + super().get_urls()

    def ship(self, request, pk):
        def act(order, fields):
            handling.ship_order(order, by=request.user, **fields, now=clock.now())

        return self._act_on(request, pk, ShipForm, act, _("Ship order %s"), _("Ship"))

    def cancel(self, request, pk):
        def act(order, fields):
            handling.cancel_order(order, by=request.user, **fields, now=clock.now())

        return self._act_on(request, pk, CancelForm, act, _("Cancel order %s"), _("Cancel this order"))

    def _act_on(self, request, pk, form_class, act, title, verb):
        """A form about one order; what it asks for is done by a service."""
        order = self.get_object(request, str(pk))
        if order is None or not request.user.has_perm("redemption.change_order"):
            messages.error(request, _("There is no such order, or you may not change it."))
            return redirect("admin:redemption_order_changelist")
        form = form_class(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                act(order, form.cleaned_data)
            except RuleViolation as refusal:
                add_refusal(form, refusal)
            else:
                self.log_change(request, order, order.get_status_display())
                messages.success(request, f"{order}: {order.get_status_display()}")
                return redirect("admin:redemption_order_change", pk)
        context = {**self.admin_site.each_context(request), "title": title % order, "form": form, "verb": verb}
        return render(request, "admin/redemption/act.html", {**context, "order": order, "opts": self.model._meta})

    @admin.action(permissions=["operate"], description=_("Missing: offer the customer an equal"))
    def mark_missing(self, request, queryset):
        now = clock.now()
        each(self, request, queryset, lambda order: substitution.report_missing(order, by=request.user, now=now))

    @admin.action(permissions=["operate"], description=_("Delivered"))
    def mark_delivered(self, request, queryset):
        now = clock.now()
        each(self, request, queryset, lambda order: handling.deliver_order(order, by=request.user, now=now))
