"""Changes of an account ask for recent proof of who is there: an old session alone changes nothing."""

import functools
import pathlib
import re
import time
from collections.abc import Callable
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.core.exceptions import ReauthenticationRequired
from django.apps import apps
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from moments.requests import View

# Pages of libraries, and ours in their places: every form that is not named as free changes the account.
LIBRARY = ("account_", "mfa_", "socialaccount_")
FREE = {
    *("account_login", "account_logout", "account_signup", "account_inactive", "account_confirm_email"),
    *("account_reauthenticate", "account_confirm_login_code", "account_email_verification_sent"),
    *("account_reset_password", "account_reset_password_done"),
    *("account_reset_password_from_key", "account_reset_password_from_key_done"),
    *("mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_login_webauthn", "mfa_index"),
    "socialaccount_signup",
}
FRAMEWORKS = {"django", "ninja"}  # they serve what this project wrote
OURS = {"accounts:end_session", "accounts:end_other_sessions", "forget_account"}
# What operators change of accounts, roles and keys, and of what may be spent.
OPERATORS = re.compile(r"admin:(accounts|auth|account|mfa|axes|campaigns)_(?!supportrequest_)")
SAFE = {"GET", "HEAD", "OPTIONS"}


def is_recent(request: HttpRequest) -> bool:
    """Whether the person signed in, or confirmed who they are, within the last ten minutes."""
    records = get_authentication_records(request, request.user)
    return bool(records) and 0 <= time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


def require_recent(request: HttpRequest) -> None:
    """Inside a view, where only some of what it does needs it: asks, and comes back to it."""
    if not is_recent(request):
        raise ReauthenticationRequired


@functools.cache
def our_apps() -> set[str]:
    """Packages of this project, which know themselves what they have to ask for."""
    base = pathlib.Path(settings.BASE_DIR)
    return {config.name for config in apps.get_app_configs() if pathlib.Path(config.path).parent == base}


def is_of_library(view: Callable | None) -> bool:
    """Whether a page of an installed package answers; of Django itself, one of its pages for accounts."""
    while isinstance(view, functools.partial):
        view = view.func
    module = getattr(view, "__module__", "")
    package = module.partition(".")[0]
    return module.startswith("django.contrib.auth.") or package not in FRAMEWORKS | our_apps()


def changes_account(route: str, view: Callable | None) -> bool:
    if route.startswith("admin:"):
        return bool(OPERATORS.match(route))
    is_changing = route.startswith(LIBRARY) or is_of_library(view)
    return route in OURS or (is_changing and route not in FREE)


def link_method() -> dict[str, str]:
    """The way that is open to everybody with an address."""
    return {"id": "mailed_link", "description": _("Email me a link"), "url": reverse("accounts:confirm_by_link")}


def ask_again(request: HttpRequest) -> HttpResponse:
    """To the first way that this person has; what was sent is kept meanwhile."""
    user = request.user
    has_password = user.is_authenticated and user.has_usable_password()
    first = "account_reauthenticate" if has_password else "accounts:confirm_by_link"
    return suspend_request(request, reverse(first))


class RecentAuthenticationMiddleware:
    """Middleware: what changes an account, or what operators allow, is sent on only with recent proof."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        route = request.resolver_match.view_name if request.resolver_match else ""
        if request.method in SAFE or not request.user.is_authenticated or not changes_account(route, view):
            return None
        return None if is_recent(request) else ask_again(request)
