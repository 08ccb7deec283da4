"""Operators' pages: what was mailed and what happened."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.looking import AsksWhy
from accounts.looks import masked_email
from moments import clock
from moments.admin import ReadOnlyAdmin
from outbox.delivery import send_again
from outbox.models import Event, Heartbeat, Mail


@admin.register(Mail)
class MailAdmin(AsksWhy, ReadOnlyAdmin):
    personal = {"to_email": masked_email}
    list_display = ["id", "kind", "to_email", "status", "attempts", "due_at", "sent_at", "last_error"]
    list_filter = ["status", "kind"]
    search_fields = ["to_email"]
    date_hierarchy = "created_at"
    exclude = ["text", "html", "context"]  # sign-in links and what customers wrote are not for reading here
    actions = ["try_again"]

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
