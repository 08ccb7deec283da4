"""Operators' pages: files of stock, prices, rates and memberships, looked at before they are applied."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from accounts.organizations.access import SignedInRequest
from catalog.imports import service as imports
from catalog.models import CsvImport
from moments import clock
from moments.errors import RuleViolation
from moments.registry import csv_schemas
from moments.web.admin import ReadOnlyAdmin
from moments.web.csv_in import MAX_BYTES
from moments.web.csv_out import csv_response
from moments.web.forms import add_refusal

SHOWN = 500  # lines on the page; those with problems first


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        max_length=200,
        widget=forms.FileInput({"accept": ".csv,text/csv,text/plain"}),
        help_text=_("UTF-8, at most 5 MB and 1,000 lines. It is shown first; nothing changes until you apply it."),
    )


@admin.register(CsvImport)
class CsvImportAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "kind", "uploaded_by", "uploaded_at", "applied_by", "applied_at", "done", "done_before"]
    list_filter = ["kind"]
    list_select_related = ["uploaded_by", "applied_by"]
    exclude = ["content"]
    change_list_template = "admin/catalog/imports.html"
    change_form_template = "admin/catalog/import.html"

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        own = [
            path("new/<slug:kind>/", site(self.new), name="catalog_csvimport_new"),
            path("new/<slug:kind>/sample.csv", site(self.sample), name="catalog_csvimport_sample"),
            path("<int:pk>/check/", site(self.check_file), name="catalog_csvimport_check"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = [
            (kind, sheet.title)
            for kind in csv_schemas
            if request.user.has_perm((sheet := imports.sheet_class(kind)).permission)
        ]
        return super().changelist_view(request, {"kinds": may, **(extra_context or {})})

    def new(self, request: SignedInRequest, kind: str) -> HttpResponse:
        sheet = self._sheet(request, kind)
        form = FileForm(*(request.POST, request.FILES) if request.method == "POST" else ())
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                kept = imports.keep_import(
                    kind, content=file.read(MAX_BYTES + 1), file_name=file.name, by=request.user, now=clock.now()
                )
            except RuleViolation as refusal:
                add_refusal(form, refusal)
            else:
                return redirect("admin:catalog_csvimport_check", kept.pk)
        context = {**self._context(request, sheet), "form": form, "kind": kind}
        return render(request, "admin/catalog/new_import.html", context)

    def sample(self, request: HttpRequest, kind: str) -> StreamingHttpResponse:
        """A file to start from."""
        sheet = self._sheet(request, kind)
        return csv_response([sheet.columns, *sheet.sample], name=f"{kind}-sample")

    def check_file(self, request: SignedInRequest, pk: int) -> HttpResponse:
        """Every line as it would be done now, and the button that does them."""
        kept = get_object_or_404(CsvImport, pk=pk)
        sheet = self._sheet(request, kept.kind)
        if kept.applied_at:
            return redirect("admin:catalog_csvimport_change", pk)
        if request.method == "POST":
            try:
                imports.apply_import(kept, by=request.user, now=clock.now())
            except RuleViolation as refusal:
                messages.error(request, refusal.message)
                return redirect("admin:catalog_csvimport_check", pk)
            self.log_change(request, kept, _("applied"))
            messages.success(
                request,
                _("Applied: %(done)d done, %(before)d were done before.")
                % {
                    "done": kept.done,
                    "before": kept.done_before,
                },
            )
            return redirect("admin:catalog_csvimport_changelist")
        return render(request, "admin/catalog/check_import.html", {**self._context(request, sheet), **planned(kept)})

    def _sheet(self, request: HttpRequest, kind: str) -> Any:
        if kind not in csv_schemas:
            raise Http404
        sheet = imports.sheet_class(kind)
        if not request.user.has_perm(sheet.permission):
            raise PermissionDenied
        return sheet

    def _context(self, request: HttpRequest, sheet: Any) -> dict[str, Any]:
        title = _("Import: %s") % sheet.title
        about = {**self.admin_site.each_context(request), "title": title, "opts": self.model._meta}
        return {**about, "note": sheet.note}  # a template calls what can be called, and the sheet is a class


def planned(kept: CsvImport) -> dict:
    lines = imports.plan_import(kept, now=clock.now())
    bad = [each for each in lines if each.step is None]
    return {
        "kept": kept,
        "lines": sorted(lines, key=lambda each: (each.step is not None, not (each.step and each.step.warning)))[:SHOWN],
        "count": len(lines),
        "bad": len(bad),
        "unusual": sum(1 for each in lines if each.step and each.step.warning),
        "new": sum(1 for each in lines if each.step and each.step.do),
        "shown": SHOWN,
    }
