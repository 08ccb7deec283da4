"""Changes of an account ask for recent proof of who is there: an old session alone changes nothing."""

import time

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User

# Pages of the sign-in library; every form of theirs that is not named as free changes the account.
LIBRARY = ("account_", "mfa_", "socialaccount_")
FREE = {
    *("account_login", "account_logout", "account_signup", "account_inactive", "account_confirm_email"),
    *("account_reauthenticate", "account_confirm_login_code", "account_email_verification_sent"),
    *("account_reset_password", "account_reset_password_done"),
    *("account_reset_password_from_key", "account_reset_password_from_key_done"),
    *("mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_login_webauthn", "mfa_index"),
    "socialaccount_signup",
}
OURS = {"accounts:end_session", "accounts:end_other_sessions", "forget_account"}
OPERATORS = ("admin:accounts_user_", "admin:auth_user_", "admin:account_emailaddress_", "admin:mfa_authenticator_")
SAFE = {"GET", "HEAD", "OPTIONS"}


def is_recent(request: HttpRequest) -> bool:
    """Whether the person signed in, or confirmed who they are, within the last ten minutes."""
    records = get_authentication_records(request, request.user)
    return bool(records) and 0 <= time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


def require_recent(request: HttpRequest) -> None:
    """Inside a view, where only some of what it does needs it: asks, and comes back to it."""
    if not is_recent(request):
        raise ReauthenticationRequired


def changes_account(route: str) -> bool:
    return route in OURS or route.startswith(OPERATORS) or (route.startswith(LIBRARY) and route not in FREE)


def link_method() -> dict[str, str]:
    """The way that is open to everybody with an address."""
    return {"id": "mailed_link", "description": _("Email me a link"), "url": reverse("accounts:confirm_by_link")}


def ask_again(request: HttpRequest) -> HttpResponse:
    """To the first way that this person has; what was sent is kept meanwhile."""
    user: User = request.user  # type: ignore[assignment]
    first = "account_reauthenticate" if user.has_usable_password() else "accounts:confirm_by_link"
    return suspend_request(request, reverse(first))


class RecentSignIn:
    """Middleware: whatever form of a library changes the account is sent on only with recent proof."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        route = request.resolver_match.view_name if request.resolver_match else ""
        if request.method in SAFE or not request.user.is_authenticated or not changes_account(route):
            return None
        return None if is_recent(request) else ask_again(request)
