"""Endpoint to which mail providers post bounced messages."""

from base64 import b64decode

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from moments import clock
from outbox.emails.bounces import take_bounce

WHOLE_MESSAGE = ("body-mime", "email")  # as Mailgun and SendGrid name it in their forms
FORMS = {"multipart/form-data", "application/x-www-form-urlencoded"}


@csrf_exempt  # called by servers and authenticated by a token
@never_cache
@require_POST
def bounces(request: HttpRequest) -> HttpResponse:
    """Accept a bounce message as the request body or a form field. Always returns 200 for an authenticated message of
    valid size.
    """
    if not settings.BOUNCE_TOKEN:
        raise Http404
    if not constant_time_compare(token_of(request), settings.BOUNCE_TOKEN):
        return JsonResponse({"message": "This takes the token of MOMENTS_BOUNCE_TOKEN."}, status=403)
    try:
        raw, to = message_of(request)
    except RequestDataTooBig:
        return JsonResponse({"message": "The message has more than a megabyte."}, status=413)
    return JsonResponse({"message": take_bounce(raw, to=to, now=clock.now())})


def token_of(request: HttpRequest) -> str:
    """Return the bearer token, or the password of basic authentication for providers that cannot set a header."""
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return given.strip()
    try:
        return b64decode(given).decode().partition(":")[2]
    except ValueError:
        return ""


def message_of(request: HttpRequest) -> tuple[bytes, str]:
    """Return the message and the address it was sent to, if known."""
    if request.content_type not in FORMS:
        return request.body, ""
    whole = next((request.POST[name] for name in WHOLE_MESSAGE if name in request.POST), "")
    return whole.encode("utf-8", "surrogateescape"), request.POST.get("recipient", "")
