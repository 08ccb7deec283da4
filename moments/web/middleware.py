"""Outermost middleware: request ids, and a fast path for API calls."""

import contextlib
import http
import secrets
import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve

from moments.db.deadlines import API, PAGE, within_deadline
from moments.integrations.bounded_calls import in_page
from moments.registry import api_call_answered
from moments.requests import MomentsRequest
from moments.security.log_redaction import logger
from moments.web import health, views
from moments.web.client_addresses import comes_from_proxy
from moments.web.hosts import is_ours

MACHINE_PATHS = ("/prod/", "/api/")
VERSION_1 = "/api/v1/"
COMPATIBLE = "/prod/"
BODY_LIMIT = 64 * 1024
BODY_LIMITS = {"/api/v1/events": 512 * 1024}  # for calls that take many items
UPLOAD_LIMIT = 16 * 1024 * 1024  # for pages; the largest file of a form is 10 MB
MACHINE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
BARE_PAGE = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
LOST = "The database does not answer. Call again; with the same idempotency key nothing is charged twice."
BUSY = "Too many calls are waiting. Call again; with the same idempotency key nothing is charged twice."
DATABASE_LOST = (OperationalError, InterfaceError)


def request_id_and_api_fast_path(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[MomentsRequest], HttpResponse]:
    """Outermost middleware. API calls skip sessions, cookies, languages and messages."""

    def middleware(request: MomentsRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(8)
        if request.path == "/healthz":
            return with_machine_headers(health.healthz(request))
        if not comes_from_proxy(request):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)  # untrusted unless it comes from a proxy
        if not is_ours(request):
            response = wrong_host(request)
        elif request.path.startswith(MACHINE_PATHS):
            began = time.monotonic()
            with within_deadline(API), in_page():
                response = handle_api_request(request)
            note_api_call(request, response, time.monotonic() - began)
        elif announced_length(request) > UPLOAD_LIMIT:
            response = with_page_headers(views.too_large(request, UPLOAD_LIMIT))
        elif "\x00" in request.path:  # PostgreSQL does not accept NUL in values
            response = with_page_headers(views.not_found(request))
        else:
            with within_deadline(PAGE), in_page():
                response = get_response(request)
            response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            if settings.SESSION_COOKIE_NAME in request.COOKIES:  # pages of signed-in users are private
                response.headers.setdefault("Cache-Control", "no-store")
        response["X-Request-Id"] = request.request_id
        return response

    return middleware


def note_api_call(request: MomentsRequest, response: HttpResponse, seconds: float) -> None:
    """Hand the answered call to the log, whose failure is not the caller's."""
    try:
        api_call_answered(request, response, seconds)
    except Exception:
        logger.exception("API call %s was not logged", request.request_id)


def wrong_host(request: MomentsRequest) -> HttpResponse:
    if request.path.startswith(MACHINE_PATHS):
        detail = "This host and port are not known here."
        return with_machine_headers(machine_refusal(request, 400, "invalid_request", detail))
    return with_page_headers(views.plain_page(request, "400.html", 400))


def pages_for_refused_methods(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Innermost middleware, so that its error page gets the same headers as other pages."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            return views.method_not_allowed(request, response)
        return response

    return middleware


def handle_api_request(request: MomentsRequest) -> HttpResponse:
    try:
        response = refusal_before_view(request) or dispatch(request)
    except DATABASE_LOST:
        with contextlib.suppress(*DATABASE_LOST):
            connection.close()
        response = machine_refusal(request, 503, "unavailable", LOST)
        response["Retry-After"] = "2"
    except (SuspiciousOperation, BadRequest, RequestDataTooBig):
        response = machine_refusal(request, 400, "invalid_request", "This request could not be read.")
    except Exception:
        logger.exception("API call failed, request %s", request.request_id)
        response = machine_refusal(
            request, 500, "internal_error", f"Something broke here. Reference: {request.request_id}."
        )
    return with_machine_headers(response)


def with_page_headers(response: HttpResponse) -> HttpResponse:
    """Add headers to a page that bypasses the rest of the middleware."""
    response.headers.setdefault("Content-Security-Policy", BARE_PAGE)
    return with_machine_headers(response)


def strict_transport() -> str:
    """Return the HSTS header, the same as Django's middleware sets."""
    named = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
    return f"max-age={settings.SECURE_HSTS_SECONDS}{named}"


def with_machine_headers(response: HttpResponse) -> HttpResponse:
    for name, value in MACHINE_HEADERS.items():
        response.headers.setdefault(name, value)
    if settings.IS_HTTPS:
        response.headers.setdefault("Strict-Transport-Security", strict_transport())
    return response


def refusal_before_view(request: MomentsRequest) -> HttpResponse | None:
    if settings.IS_HTTPS and not request.is_secure():
        return machine_refusal(request, 403, "https_required", "This API answers over HTTPS only.")
    length, most = announced_length(request), body_limit(request.path)
    if length > most:
        return machine_refusal(request, 413, "invalid_request", f"The body has {length} bytes; {most} are allowed.")
    return None


def body_limit(path: str) -> int:
    """Bytes of a call's body."""
    return BODY_LIMITS.get(path, BODY_LIMIT)


def announced_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def dispatch(request: MomentsRequest) -> HttpResponse:
    request.get_host()  # raises for a host that is not allowed
    try:
        match = resolve(request.path_info)
        request.resolver_match = match
        response = match.func(request, *match.args, **match.kwargs)
        if response.status_code == 405:
            return machine_refusal(request, 405, "invalid_request", f"{request.method} is not possible here.")
        return response
    except Http404:
        return machine_refusal(request, 404, "not_found", "There is no such resource.")


def machine_refusal(request: MomentsRequest, status: int, code: str, detail: str) -> JsonResponse:
    """Return an error in the format of the API that was called."""
    if request.path.startswith(VERSION_1):
        return machine_problem(request, status, code, detail)
    if request.path.startswith(COMPATIBLE):
        return JsonResponse({"rewardNotificationText": detail, "errorCode": code}, status=status)
    return JsonResponse({"message": detail, "code": code}, status=status)


def machine_problem(
    request: MomentsRequest,
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[dict] = (),
    headers: dict[str, str] | None = None,
) -> JsonResponse:
    """Return a problem document (RFC 9457) of API version 1."""
    body = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": list(errors),
        "request_id": request.request_id,
    }
    return JsonResponse(body, status=status, content_type="application/problem+json", headers=headers)


def too_slow_answer(path: str) -> HttpResponse:
    """Return the response if the body did not arrive in time. Runs without a thread and must not block."""
    request = unread(path)
    response: HttpResponse
    if path.startswith(MACHINE_PATHS):
        response = machine_refusal(request, 408, "invalid_request", "The body did not arrive in time.")
    else:
        response = with_page_headers(views.plain_page(request, "400.html", 408))
    return with_machine_headers(response)


def busy_answer(path: str) -> HttpResponse:
    """Return the response if no thread was free in time. The request was not processed."""
    request = unread(path)
    response: HttpResponse
    if path.startswith(MACHINE_PATHS):
        response = machine_refusal(request, 503, "unavailable", BUSY)
    else:
        response = with_page_headers(views.plain_page(request, "503_busy.html", 503))
    response["Retry-After"] = "2"
    return with_machine_headers(response)


def unread(path: str) -> MomentsRequest:
    """Return a request of which only the path is known."""
    request = MomentsRequest()
    request.path = path
    request.request_id = secrets.token_hex(8)
    return request
