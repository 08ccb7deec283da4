"""Operators' pages: what was mailed and what happened, and how each kind of mail looks."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts.looking import AsksWhy
from accounts.looks import masked_email
from moments import clock
from moments.admin import ReadOnlyAdmin
from outbox.delivery import send_again
from outbox.models import Event, Heartbeat, Mail
from outbox.preview_forms import LookForm
from outbox.samples import kinds, render_sample
from outbox.views import FRAME_POLICY


@admin.register(Mail)
class MailAdmin(AsksWhy, ReadOnlyAdmin):
    personal = {"to_email": masked_email}
    list_display = ["id", "kind", "to_email", "status", "attempts", "due_at", "sent_at", "last_error"]
    list_filter = ["status", "kind"]
    search_fields = ["to_email"]
    date_hierarchy = "created_at"
    exclude = ["text", "html", "context"]  # sign-in links and what customers wrote are not for reading here
    actions = ["try_again"]

    def get_urls(self):
        site = self.admin_site.admin_view
        own = [
            path("kinds/", site(self.show_kinds), name="outbox_mail_kinds"),
            path("kinds/<slug:kind>/", site(self.show_kind), name="outbox_mail_kind"),
            path("kinds/<slug:kind>/html/", site(self.frame_kind), name="outbox_mail_kind_html"),
        ]
        return own + super().get_urls()

    def show_kinds(self, request):
        """Every kind of mail, with its subject."""
        rows = [(kind, self._sample(request, kind)) for kind in kinds()]
        return self._page(request, "kinds", _("How our mails look"), rows=rows)

    def show_kind(self, request, kind):
        """One of them, as a sample."""
        sample, form = self._sample(request, kind), LookForm(request.GET)
        return self._page(request, "kind", kind, kind=kind, sample=sample, form=form)

    def frame_kind(self, request, kind):
        """For the frame, under a policy of its own. A browser cannot be told to be dark, so the sample is."""
        html = self._sample(request, kind).html
        if LookForm(request.GET).is_dark:
            html = html.replace("(prefers-color-scheme: dark)", "all")
        response = HttpResponse(html)
        response["Content-Security-Policy"], response["X-Frame-Options"] = FRAME_POLICY, "SAMEORIGIN"
        return response

    def _sample(self, request, kind):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in kinds():
            raise Http404
        return render_sample(kind, LookForm(request.GET).in_language)

    def _page(self, request, name, title, **context):
        about = {**self.admin_site.each_context(request), "opts": self.model._meta, "title": title}
        return render(request, f"admin/outbox/{name}.html", {**about, **context})

    @admin.action(permissions=["operate"], description=_("Try again what was given up"))
    def try_again(self, request, queryset):
        now = clock.now()
        again = sum(send_again(mail, now=now) for mail in queryset)
        self.message_user(request, _("%d mails are queued again.") % again)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ["kind", "host", "at", "skew_ms"]


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["id", "type", "organization", "created_at"]
    list_filter = ["type"]
    search_fields = ["organization__name", "event_id"]
    list_select_related = ["organization"]
