"""Signing in with more than a password: who has it, who must, and where one is sent to set it up."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.models import User

THEN = "after_second_factor"  # in the session: where somebody was before


def has_second_factor(user: User) -> bool:
    """An authenticator app or a passkey; recovery codes alone are none."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user=user, type__in=kinds).exists()


def lacks_second_factor(user: User) -> bool:
    return settings.SECOND_FACTOR_REQUIRED and not has_second_factor(user)


def send_to_set_up(request: HttpRequest) -> HttpResponse:
    """To the page where it is set up; from there one comes back to where one was."""
    request.session[THEN] = request.get_full_path() if request.method in {"GET", "HEAD"} else _page_before(request)
    messages.info(request, _("This takes a second factor. Set one up here, and go on where you were."))
    return redirect("accounts:security")


def _page_before(request: HttpRequest) -> str:
    """The page whose form was sent."""
    page = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()})
    return page if is_ours else request.path


class OperatorSecondFactorMiddleware:
    """Middleware: the operators' pages take a second factor, as all that costs money does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user if request.path.startswith("/admin/") else None
        if user and user.is_authenticated and user.is_staff and lacks_second_factor(user):
            return send_to_set_up(request)
        return self.get_response(request)
