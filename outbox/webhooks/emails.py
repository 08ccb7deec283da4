"""The email about an endpoint that was disabled automatically."""

from moments.registry import absolute, emails
from outbox.models import WebhookEndpoint


@emails.add("webhook_disabled")
def disabled_context(context: dict) -> dict:
    return about_disabled(WebhookEndpoint.objects.get(pk=context["endpoint"]))


def about_disabled(endpoint: WebhookEndpoint) -> dict:
    return {
        "url": endpoint.url,
        "is_gone": endpoint.disabled_reason == WebhookEndpoint.Reason.GONE,
        "endpoint_url": absolute("console:developers:webhook", endpoint.pk),
    }
