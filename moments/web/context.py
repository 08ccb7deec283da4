"""Template context of all pages and emails."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from moments.version import VERSION

KIND_HEADER = "X-Kind"  # header of messages to Django's email backend with their kind


def installation(request: HttpRequest) -> dict[str, Any]:
    """Return the context for pages. ``operator`` is the operators' email address."""
    return {
        "is_demo": settings.DEMO,
        "moments_version": VERSION,
        "operator": settings.OPERATOR_EMAIL,
        "request_id": getattr(request, "request_id", ""),
    }


def of_mails() -> dict[str, str]:
    """Return the context for emails: base URL, contact and postal address."""
    return {
        "base_url": settings.BASE_URL,
        "operator": settings.OPERATOR_EMAIL,
        "postal_address": settings.POSTAL_ADDRESS,
    }
