"""Emails in a frame with its own content security policy, since they use inline styles."""

from django.http import HttpResponse

FRAME_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox"
)


def framed_email(html: str) -> HttpResponse:
    """Return the email's HTML for a frame. Links open in the top window, because our pages refuse to be framed."""
    response = HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))
    response["Content-Security-Policy"], response["X-Frame-Options"] = FRAME_POLICY, "SAMEORIGIN"
    return response
