"""What every page and mail may know of the installation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from moments.version import VERSION

KIND_HEADER = "X-Kind"  # of a mail that is given to Django's mail backend: what kind of mail it is


def installation(request: HttpRequest) -> dict[str, Any]:
    """``operator`` is the address of whoever runs it."""
    return {
        "is_demo": settings.DEMO,
        "moments_version": VERSION,
        "operator": settings.OPERATOR_EMAIL,
        "request_id": getattr(request, "request_id", ""),
    }


def of_mails() -> dict[str, str]:
    """What every mail tells: where this is, whom to write to, who sends it."""
    return {
        "base_url": settings.BASE_URL,
        "operator": settings.OPERATOR_EMAIL,
        "postal_address": settings.POSTAL_ADDRESS,
    }
