"""Admin pages for webhooks: which endpoints there are, and how they answer. Secrets and bodies are not shown."""

from django.contrib import admin

from moments.web.admin import ReadOnlyAdmin
from outbox.models import WebhookDelivery, WebhookEndpoint


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin):
    list_display = ["url", "organization", "status", "disabled_reason", "failing_since", "created_at"]
    list_filter = ["status", "disabled_reason"]
    search_fields = ["url", "organization__name"]
    list_select_related = ["organization"]
    exclude = ["sealed_secret", "sealed_former_secret"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ["id", "event", "endpoint", "status", "attempts", "response_status", "last_error", "due_at"]
    list_filter = ["status"]
    search_fields = ["endpoint__url"]
    list_select_related = ["event", "endpoint"]
    show_full_result_count = False
