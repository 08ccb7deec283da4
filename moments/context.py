"""What every page may know of the installation."""

from django.conf import settings


def installation(request):
    """``operator`` is the address of whoever runs it."""
    return {
        "is_demo": settings.DEMO,
        "operator": settings.OPERATOR_EMAIL,
        "request_id": getattr(request, "request_id", ""),
    }
