"""Admin pages of the warehouse: pick list, packing slips, parcels as CSV and tracking import."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.organizations.access import SignedInRequest
from accounts.privacy.access_log import record_fulfillment
from accounts.privacy.access_log_admin import BreakGlassAdmin
from moments import clock
from moments.errors import RuleViolation
from moments.web.admin import ReadOnlyAdmin, each
from moments.web.csv_in import decoded
from moments.web.csv_out import csv_response
from moments.web.forms import add_refusal
from redemption.models import Order
from redemption.models.orders import OrderQuerySet
from redemption.shipping import picking, substitution, transitions
from redemption.shipping import tracking_import as tracking

MOST_SLIPS = 500
ON_A_SLIP = ("product", "customer", "reward__group__marketplace")


class TrackingForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("With the columns order_number, carrier and tracking_number; at most 5,000 lines, 500 KB."),
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
    )


class CheckedForm(forms.Form):
    """The checked file content, submitted again to apply it. It is checked a second time then."""

    content = forms.CharField(widget=forms.HiddenInput, strip=False)


class WarehousePages(BreakGlassAdmin, ReadOnlyAdmin):
    """Bulk actions and pages of the order list."""

    change_list_template = "admin/redemption/orders.html"
    actions = [
        "pick",
        "mark_missing",
        "pack",
        "slips",
        "parcels",
        "parcels_for_programs",
        "ship_many",
        "mark_delivered",
    ]

    def get_urls(self) -> list[URLPattern]:
        site, own = self.admin_site.admin_view, "redemption_order"
        pages: list[Any] = [
            path("pick-list/", site(self.pick_list), name=f"{own}_pick_list"),
            path("parcels.csv", site(self.all_parcels), name=f"{own}_parcels"),
            path("tracking/", site(self.tracking), name=f"{own}_tracking"),
        ]
        return pages + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_operate = self.has_operate_permission(request)
        return super().changelist_view(request, {"may_operate": may_operate, **(extra_context or {})})

    def _page(self, request: HttpRequest, template: str, title: str | Promise, **context: Any) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return render(request, f"admin/redemption/{template}.html", {**shared, **context})

    def _require_operator(self, request: HttpRequest) -> None:
        if not self.has_operate_permission(request):
            raise PermissionDenied

    # Picking and shipping

    def pick_list(self, request: HttpRequest) -> HttpResponse:
        """Show the printable pick list. A POST sets the selected orders to picked or missing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            self._require_operator(request)
            ticked = [number for number in request.POST.getlist("order") if number.isdecimal() and len(number) < 19]
            found = Order.objects.filter(pk__in=ticked).select_related("product")
            (self.mark_missing if "missing" in request.POST else self.pick)(request, found)
            return redirect("admin:redemption_order_pick_list")
        shelves = picking.pick_list(Order.objects.to_pick())
        count = sum(len(shelf.orders) for shelf in shelves)
        may_operate = self.has_operate_permission(request)
        return self._page(request, "pick_list", _("To pick"), shelves=shelves, count=count, may_operate=may_operate)

    def _each(self, request: HttpRequest, orders: Iterable[Order], act: Callable[..., object]) -> None:
        now = clock.now()
        each(self, request, orders, lambda order: act(order, by=request.user, now=now))

    @admin.action(permissions=["operate"], description=_("Picked"))
    def pick(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._each(request, queryset, picking.pick_order)

    @admin.action(permissions=["operate"], description=_("Missing: offer the customer an equal"))
    def mark_missing(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._each(request, queryset, substitution.report_missing)

    @admin.action(permissions=["operate"], description=_("Packed"))
    def pack(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._each(request, queryset, picking.pack_order)

    @admin.action(permissions=["operate"], description=_("Shipped, without tracking"))
    def ship_many(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Ask for confirmation first, because customers are emailed at once and without tracking."""
        if "confirmed" not in request.POST:
            orders = list(queryset.select_related("product"))
            return self._page(
                request,
                "ship_many",
                _("Ship without tracking?"),
                orders=orders,
                tracking_url=reverse("admin:redemption_order_tracking"),
            )
        self._each(request, queryset, transitions.ship_order)
        return None

    @admin.action(permissions=["operate"], description=_("Delivered"))
    def mark_delivered(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._each(request, queryset, transitions.deliver_order)

    # Exports with names and addresses: their purpose is obvious, so access is logged without asking for a reason

    @admin.action(permissions=["operate"], description=_("Packing slips (PDF)"))
    def slips(self, request: HttpRequest, queryset: OrderQuerySet) -> HttpResponse | None:
        orders = list(queryset.in_parcels().select_related(*ON_A_SLIP)[: MOST_SLIPS + 1])
        if not orders or len(orders) > MOST_SLIPS:
            message = _("Choose between one and %d orders that come in parcels.") % MOST_SLIPS
            self.message_user(request, message, messages.ERROR)
            return None
        record_fulfillment(request, orders, reason=str(_("packing slips")), now=clock.now())
        from redemption.shipping.packing_slips import slips_pdf  # importing the library takes a third of a second

        headers = {"Content-Disposition": 'attachment; filename="packing-slips.pdf"', "Cache-Control": "no-store"}
        return HttpResponse(slips_pdf(orders), content_type="application/pdf", headers=headers)

    @admin.action(permissions=["operate"], description=_("Parcels for Excel (CSV)"))
    def parcels(self, request: HttpRequest, queryset: OrderQuerySet) -> StreamingHttpResponse:
        return self._as_csv(request, queryset.in_parcels())

    @admin.action(permissions=["operate"], description=_("Parcels for programs (CSV)"))
    def parcels_for_programs(self, request: HttpRequest, queryset: OrderQuerySet) -> StreamingHttpResponse:
        return self._as_csv(request, queryset.in_parcels(), for_spreadsheet=False)

    def all_parcels(self, request: HttpRequest) -> StreamingHttpResponse:
        """Export all parcels that have not been sent yet."""
        self._require_operator(request)
        is_for_program = request.GET.get("for") == "program"
        return self._as_csv(request, Order.objects.to_be_sent(), for_spreadsheet=not is_for_program)

    def _as_csv(
        self, request: HttpRequest, orders: OrderQuerySet, *, for_spreadsheet: bool = True
    ) -> StreamingHttpResponse:
        found = orders.select_related("product", "customer").order_by("placed_at")
        record_fulfillment(request, found, reason=str(_("parcels as CSV")), now=clock.now())
        rows = picking.parcels(found.iterator(chunk_size=500))
        return csv_response(rows, name="parcels", for_spreadsheet=for_spreadsheet)

    # Tracking numbers

    def tracking(self, request: SignedInRequest) -> HttpResponse:
        """Check an uploaded file and show its effects, then apply it. Applying it twice is harmless."""
        self._require_operator(request)
        form = TrackingForm()
        try:
            if "content" in request.POST:
                return self._apply(request)
            if request.method == "POST":
                form = TrackingForm(request.POST, request.FILES)
                if form.is_valid():
                    return self._checked(request, form.cleaned_data["file"].read(tracking.MOST_BYTES + 1))
        except RuleViolation as refusal:
            form = form if form.is_bound else TrackingForm({}, MultiValueDict())
            add_refusal(form, refusal)
        return self._page(request, "tracking", _("Tracking numbers"), form=form)

    def _checked(self, request: SignedInRequest, content: bytes) -> HttpResponse:
        found = tracking.check_tracking(content)
        good = [parcel for parcel in found if parcel.is_to_be_shipped]
        changed = sum(parcel.is_to_be_changed for parcel in found)
        checked = CheckedForm(initial={"content": decoded(content)}) if good or changed else None
        counts = {"good": len(good), "changed": changed}
        return self._page(request, "tracking", _("Tracking numbers"), checked=checked, **counts, **_context_of(found))

    def _apply(self, request: SignedInRequest) -> HttpResponse:
        form = CheckedForm(request.POST)
        if not form.is_valid():
            raise RuleViolation("invalid_file", gettext("The file is empty."), field="file")
        found = tracking.check_tracking(form.cleaned_data["content"].encode("utf-8", "replace"))
        saved = tracking.apply_tracking(found, by=request.user, now=clock.now())
        message = ngettext("%d tracking number was saved.", "%d tracking numbers were saved.", saved) % saved
        self.message_user(request, message, messages.SUCCESS)
        context = _context_of(found)
        if context["problems"]:
            return self._page(request, "tracking", _("Tracking numbers"), form=TrackingForm(), **context)
        return redirect("admin:redemption_order_changelist")


def _context_of(found: list[tracking.Parcel]) -> dict:
    problems = [(parcel.line.number, *problem) for parcel in found for problem in parcel.line.problems]
    return {"problems": problems, "known": sum(parcel.is_known for parcel in found)}
