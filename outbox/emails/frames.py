"""Emails shown on a page: in a frame with a policy of its own, since they carry their style inline."""

from django.http import HttpResponse

FRAME_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox"
)


def framed_email(html: str) -> HttpResponse:
    """The email for a frame. Its links open in the whole window: no page of ours may be shown inside a frame."""
    response = HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))
    response["Content-Security-Policy"], response["X-Frame-Options"] = FRAME_POLICY, "SAMEORIGIN"
    return response
