"""Admin pages for emails: delivery status, samples of each kind and suppressed addresses."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.organizations.access import SignedInRequest
from accounts.privacy import access_log
from accounts.privacy.access_log import masked_email, masked_within
from accounts.privacy.access_log_admin import BreakGlassAdmin
from moments import clock
from moments.errors import RuleViolation
from moments.web.admin import ReadOnlyAdmin
from moments.web.forms import add_refusal
from outbox.emails import reading, suppression
from outbox.emails.delivery import send_again
from outbox.emails.frames import framed_email
from outbox.emails.preview_forms import LookForm
from outbox.emails.samples import render_sample, sample_subjects
from outbox.kinds import kinds
from outbox.models import EmailSuppression, Event, Heartbeat, Mail


@admin.register(Mail)
class MailAdmin(BreakGlassAdmin, ReadOnlyAdmin):
    personal = {"to_email": masked_email, "last_error": masked_within}
    change_list_template = "admin/outbox/mail/change_list.html"
    change_form_template = "admin/outbox/mail/change_form.html"
    list_display = ["id", "kind", "to_email", "status", "attempts", "due_at", "sent_at", "last_error"]
    list_filter = ["status", "kind"]
    search_fields = ["to_email"]
    date_hierarchy = "created_at"
    exclude = ["text", "html", "context"]  # they contain sign-in links and texts of customers
    actions = ["try_again"]

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        own = [
            path("<int:pk>/read/", site(self.read), name="outbox_mail_read"),
            path("<int:pk>/read/html/", site(self.read_html), name="outbox_mail_read_html"),
            path("kinds/", site(self.show_kinds), name="outbox_mail_kinds"),
            path("kinds/<slug:kind>/", site(self.show_kind), name="outbox_mail_kind"),
            path("kinds/<slug:kind>/html/", site(self.frame_kind), name="outbox_mail_kind_html"),
        ]
        return own + super().get_urls()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        mail = self.get_object(request, unquote(object_id)) if object_id else None
        can_read = mail is not None and reading.is_readable(mail) and self.has_operate_permission(request)
        return super().changeform_view(request, object_id, form_url, {"can_read": can_read, **(extra_context or {})})

    def _mail_to_read(self, request: HttpRequest, pk: int) -> Mail:
        mail = self.get_object(request, str(pk))
        if mail is None or not self.has_operate_permission(request):
            raise PermissionDenied
        return mail

    def read(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the email as it was sent, to help its recipient. Each access is logged. A POST can send it again."""
        mail = self._mail_to_read(request, pk)
        if asked := self.ask_why(request, mail, what=str(_("text of an email"))):
            return asked
        try:
            if request.method == "POST" and "again" in request.POST:
                copy = reading.send_copy(mail, now=clock.now())
                self.log_change(request, mail, f"Sent again as mail {copy.pk}")
                messages.success(request, _("The email is queued again."))
                return redirect("admin:outbox_mail_read", pk)
            shown = reading.read_mail(mail)
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
            return redirect("admin:outbox_mail_change", pk)
        can_send = reading.can_be_sent_again(mail)
        return self._page(request, "read", shown.subject, mail=mail, shown=shown, can_send=can_send)

    def read_html(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the HTML part for the frame. Requires that a reason was given on the surrounding page."""
        mail = self._mail_to_read(request, pk)
        if not access_log.reason_for(request, access_log.key_of(mail), now=clock.now()):
            raise PermissionDenied
        try:
            return framed_email(reading.read_mail(mail).html)
        except RuleViolation:
            raise Http404 from None

    def show_kinds(self, request: HttpRequest) -> HttpResponse:
        """List every kind of email with a sample of its subject."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        subjects = sample_subjects(LookForm(request.GET).in_language)
        return self._page(request, "kinds", _("How our mails look"), rows=[(kind, subjects[kind]) for kind in kinds()])

    def show_kind(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Show a sample of one kind of email."""
        sample, form = self._sample(request, kind), LookForm(request.GET)
        return self._page(request, "kind", kind, kind=kind, sample=sample, form=form)

    def frame_kind(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Return a sample's HTML for the frame. For dark mode, its media query is replaced to match always."""
        html = self._sample(request, kind).html
        if LookForm(request.GET).is_dark:
            html = html.replace("(prefers-color-scheme: dark)", "all")
        return framed_email(html)

    def _sample(self, request: HttpRequest, kind: str) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in kinds():
            raise Http404
        return render_sample(kind, LookForm(request.GET).in_language)

    def _page(self, request: HttpRequest, name: str, title: str | Promise, **context: Any) -> HttpResponse:
        about = {**self.admin_site.each_context(request), "opts": self.model._meta, "title": title}
        return render(request, f"admin/outbox/{name}.html", {**about, **context})

    @admin.action(permissions=["operate"], description=_("Try again what was given up"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        now = clock.now()
        again = sum(send_again(mail, now=now) for mail in queryset)
        self.message_user(request, _("%d mails are queued again.") % again)


class CorrectionForm(forms.Form):
    email = forms.EmailField(label=_("The right address"), max_length=254)
    why = forms.CharField(label=_("Why"), max_length=300, help_text=_("How you know. It is written down."))


class WorksForm(forms.Form):
    why = forms.CharField(label=_("Why"), max_length=300, help_text=_("How you know. It is written down."))


@admin.register(EmailSuppression)
class EmailSuppressionAdmin(BreakGlassAdmin, ReadOnlyAdmin):
    """Addresses that emails do not reach. Emails to them are held until staff or the owner resolve the problem."""

    personal = {"email": masked_email, "proposed": masked_email, "reason": masked_within}
    list_display = ["id", "email", "occurred_at", "method", "status", "reason", "proposed", "ended_at", "ended_method"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter), "method", "ended_method"]
    search_fields = ["email"]
    date_hierarchy = "occurred_at"
    change_form_template = "admin/outbox/trouble.html"

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        own = [
            path("<int:pk>/correct/", site(self.correct), name="outbox_emailsuppression_correct"),
            path("<int:pk>/works/", site(self.works), name="outbox_emailsuppression_works"),
        ]
        return own + super().get_urls()

    def correct(self, request: SignedInRequest, pk: int) -> HttpResponse:
        def act(trouble: EmailSuppression, fields: dict[str, Any]) -> str | Promise:
            address = suppression.propose_address(trouble, **fields, by=request.user, now=clock.now())
            if address.verified:
                return _("Its owner confirmed it before, so it is their login now; what was held goes out.")
            address.send_confirmation(request)
            return _("We asked the new address for confirmation. Until then nothing changes.")

        return self._act_on(request, pk, CorrectionForm, act, _("Correct the address"))

    def works(self, request: SignedInRequest, pk: int) -> HttpResponse:
        def act(trouble: EmailSuppression, fields: dict[str, Any]) -> str | Promise:
            suppression.works_again(trouble, **fields, by=request.user, now=clock.now())
            return _("The address counts as good again; what was held goes out.")

        return self._act_on(request, pk, WorksForm, act, _("It works again"))

    def _act_on(
        self,
        request: SignedInRequest,
        pk: int,
        form_class: type[forms.Form],
        act: Callable[[EmailSuppression, dict[str, Any]], str | Promise],
        verb: str | Promise,
    ) -> HttpResponse:
        """Show a form about a suppressed address and call ``act`` with its data."""
        trouble = EmailSuppression.objects.filter(pk=pk, ended_at=None).first()
        if trouble is None or not self.has_operate_permission(request):
            messages.error(request, _("There is no such address any more, or you may not change it."))
            return redirect("admin:outbox_emailsuppression_changelist")
        if asked := self.ask_why(request, trouble):
            return asked
        form = form_class(request.POST if form_class.base_fields.keys() <= request.POST.keys() else None)
        if form.is_bound and form.is_valid():
            try:
                message = act(trouble, form.cleaned_data)
            except RuleViolation as refusal:
                add_refusal(form, refusal)
            else:
                self.log_change(request, trouble, str(verb))
                messages.success(request, str(message))
                return redirect("admin:outbox_emailsuppression_changelist")
        about = {**self.admin_site.each_context(request), "opts": self.opts, "title": verb, "verb": verb}
        return render(request, "admin/outbox/act.html", {**about, "form": form, "trouble": trouble})


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ["kind", "host", "last_seen_at", "skew_ms"]


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["id", "type", "organization", "created_at"]
    list_filter = ["type"]
    search_fields = ["organization__name", "event_id"]
    list_select_related = ["organization"]
