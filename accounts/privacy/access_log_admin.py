"""What operators' pages that show customers' personal data share: they ask why before they show it.

``class OrderAdmin(BreakGlassAdmin, ReadOnlyAdmin)``: the page of a row, its history, its deletion and any search ask
for a reason. The list masks the columns named in ``personal`` until the operator enters one.
"""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib.admin import ModelAdmin, display
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.utils import label_for_field, unquote
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import access_log
from accounts.sign_in.adapter import is_local_path
from moments import clock

BY_ID = {"id", "id__exact", "exact", "pk", "pk__exact", ""}  # of a person: a link from a related row tells nothing


class ReasonForm(forms.Form):
    """Its name is no field of any other form, so that a form that was sent meanwhile can be carried along."""

    access_reason = forms.CharField(
        label=_("Why do you need to see it?"),
        min_length=4,
        max_length=access_log.MOST_CHARACTERS,
        help_text=_("It is written down with your name and the time, for good. Do not name the customer here."),
        widget=forms.TextInput({"list": "reasons", "autocomplete": "off", "autofocus": True, "size": 60}),
    )


class BreakGlassAdmin(ModelAdmin):
    """Put it before the other classes of an admin."""

    personal: ClassVar[dict[str, Callable[[str], str]]] = {}  # column → how it is masked
    change_list_template = "admin/asks_why_list.html"

    def ask_why(self, request: HttpRequest, row: Model, what: str = "") -> HttpResponse | None:
        """The page that asks for a reason. None where a reason is still valid; then the access is logged, with ``what``
        was read where the page of the row does not show it."""
        key = access_log.key_of(row)
        about = f"{self.opts.verbose_name} {row.pk}"
        if asked := self._asked(request, key, about):
            return asked
        now = clock.now()
        access_log.record_access(request, row, reason=access_log.reason_for(request, key, now=now), what=what, now=now)
        return None

    def _asked(self, request: HttpRequest, key: str, about: object, then: str = "") -> HttpResponse | None:
        now = clock.now()
        if access_log.reason_for(request, key, now=now):
            return None
        form = ReasonForm(request.POST if "access_reason" in request.POST else None)
        carried = [(name, value) for name, values in request.POST.lists() if name not in OF_ASKING for value in values]
        if form.is_bound and form.is_valid():
            access_log.keep_reason(request, key, form.cleaned_data["access_reason"], now=now)
            return None if carried else redirect(then or request.get_full_path())
        context = {**self.admin_site.each_context(request), "title": _("Customer data"), "form": form, "about": about}
        return render(request, "admin/asks_why.html", {**context, "carried": carried, "opts": self.opts})

    def _ask_first(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """Asks nothing of an operator without the permission: the page refuses them."""
        row = self.get_object(request, unquote(object_id)) if object_id else None
        if row is None or not self.has_view_permission(request, row):
            return None
        return self.ask_why(request, row)

    # Pages of one row

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        asked = self._ask_first(request, object_id)
        return asked or super().changeform_view(request, object_id, form_url, extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._ask_first(request, object_id) or super().history_view(request, object_id, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._ask_first(request, object_id) or super().delete_view(request, object_id, extra_context)

    # The list

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_why"
        return [path("why/", self.admin_site.admin_view(self.why), name=name), *super().get_urls()]

    def why(self, request: HttpRequest) -> HttpResponse:
        """Enter a reason, then see the whole list."""
        then = request.GET.get("then", "")
        listed = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        then = then if is_local_path(then) and then.startswith(listed) else listed
        if not self.has_view_permission(request):
            return redirect("admin:index")
        key = access_log.key_of_list(self.model)
        return self._asked(request, key, self.opts.verbose_name_plural, then) or redirect(then)

    def shows_all(self, request: HttpRequest) -> bool:
        return bool(access_log.reason_for(request, access_log.key_of_list(self.model), now=clock.now()))

    def is_personal_search(self, term: str) -> bool:
        """May finding something by ``term`` tell who somebody is?"""
        return True

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        key, now = access_log.key_of_list(self.model), clock.now()
        term = request.GET.get(SEARCH_VAR, "").replace("\x00", "").strip()
        is_search = bool(term) and self.is_personal_search(term) and self.has_view_permission(request)
        if is_search and (asked := self._asked(request, key, self.opts.verbose_name_plural)):
            return asked
        reason = access_log.reason_for(request, key, now=now)
        if reason and (self.personal or is_search):
            access_log.record_list(request, self.model, reason=reason, now=now)
        context = {"is_masked": bool(self.personal) and not reason, **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = super().get_list_display(request)
        if self.shows_all(request):
            return [*columns]
        return [self._masked(name) if name in self.personal else name for name in columns]

    def _masked(self, name: str) -> Callable[[Any], str]:
        mask = self.personal[name]

        def column(row: Model) -> str:
            return mask(str(getattr(row, name) or ""))

        column.__name__ = name
        return display(column, description=label_for_field(name, self.model, self, return_attr=False))

    @display(description=mark_safe('<input type="checkbox" id="action-toggle">'))  # as Django has it
    def action_checkbox(self, obj: Model) -> SafeString:
        """Django's own is labeled with the name of the row."""
        attrs = {"aria-label": f"{self.opts.verbose_name} {obj.pk}", "class": "action-select"}
        return forms.CheckboxInput(attrs, lambda value: False).render(ACTION_CHECKBOX_NAME, str(obj.pk))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Django's autocomplete calls this too."""
        if search_term and self.is_personal_search(search_term) and not self.shows_all(request):
            return queryset.none(), False
        if request.path.endswith("/autocomplete/") and self.personal and not self.shows_all(request):
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        first, _sep, rest = lookup.partition("__")
        is_personal = first in PERSONAL or (first in PEOPLE and rest not in BY_ID)
        return not is_personal and super().lookup_allowed(lookup, value, request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # its page names what is selected
        return actions

    # What the operators' own record of changes calls it: not by a name or an address

    def log_addition(self, request: HttpRequest, obj: Model, message: str | list[Any]) -> LogEntry:
        return self._log(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Model, message: str | list[Any]) -> LogEntry:
        return self._log(request, obj, CHANGE, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet) -> list[LogEntry]:
        return [self._log(request, obj, DELETION, "") for obj in queryset]

    def _log(self, request: HttpRequest, obj: Model, flag: int, message: str | list[Any]) -> LogEntry:
        entries = LogEntry.objects.log_actions(cast(User, request.user).pk, [obj], flag, message, single_object=True)
        LogEntry.objects.filter(pk=entries.pk).update(object_repr=f"{obj._meta.verbose_name} {obj.pk}")
        entries.object_repr = f"{obj._meta.verbose_name} {obj.pk}"
        return entries


OF_ASKING = {"access_reason", "csrfmiddlewaretoken"}
# Fields of whatever model that hold who somebody is, or where.
PERSONAL = {"email", "to_email", "name", "recipient", "street", "city", "region", "postal_code", "phone"}
PERSONAL |= {"username", "ip_address", "user_agent", "encrypted_content", "sender"}
PEOPLE = {"customer", "user"}
