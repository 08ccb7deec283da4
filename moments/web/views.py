"""Error pages, uploaded files and the style guide."""

import contextlib
import mimetypes
import sys

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from moments.errors import RuleViolation
from moments.security.encryption import DecryptionError

SERVED_TYPES = {"image/png", "image/jpeg"}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"message": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def method_not_allowed(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """Show a page to people who open a form's URL directly; Django's own response is empty."""
    response = render(request, "405.html", status=405)
    response["Allow"] = refused["Allow"]
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Show the error page; with status 503 and ``Retry-After`` if PostgreSQL is down."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        with contextlib.suppress(OperationalError, InterfaceError):
            connection.close()
        response = plain_page(request, "503.html", 503)
        response["Retry-After"] = "10"
        return response
    if isinstance(sys.exc_info()[1], DecryptionError):  # a key is missing; operators see an alarm
        return plain_page(request, "500.html", 503)
    return plain_page(request, "500.html", 500)


def payments_not_responding(request: HttpRequest, refusal: RuleViolation, *, again: str = "") -> HttpResponse:
    return not_responding(
        request, refusal.message, detail=_("Nothing is lost, and nothing is charged twice."), again=again
    )


def not_responding(request: HttpRequest, message: str, *, detail: str = "", again: str = "") -> HttpResponse:
    """Show that an external server does not respond, with a link to try again and ``Retry-After``."""
    context = {"message": message, "detail": detail, "again": again or request.get_full_path()}
    response = render(request, "503_provider.html", context, status=503)
    response["Retry-After"] = "60"
    response["Cache-Control"] = "no-store, private"
    return response


def too_large(request: HttpRequest, most: int) -> HttpResponse:
    return render(request, "413.html", {"most": most // (1024 * 1024)}, status=413)


def plain_page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """Render a page without the request, so that nothing in it can access the database."""
    return render(None, template, {"request_id": getattr(request, "request_id", "")}, status=status)


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve an uploaded picture. Names are random or digests, so it can be cached forever."""
    kind, _unused = mimetypes.guess_type(path)
    if kind not in SERVED_TYPES or ".." in path.split("/"):
        raise Http404
    try:
        file = default_storage.open(path)
    except (OSError, ValueError):
        raise Http404 from None
    response = FileResponse(file, content_type=kind)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # emails and apps show it on other sites
    return response


def styleguide(request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    return render(request, "moments/styleguide.html")
