"""What every page may know of the installation."""

from django.conf import settings


def installation(request):
    return {"is_demo": settings.DEMO, "request_id": getattr(request, "request_id", "")}
