"""How sign-in (django-allauth) behaves here."""

import re
import unicodedata
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from axes.handlers.proxy import AxesProxyHandler
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.privacy.user_lock import try_lock_active_user
from accounts.requests import SignInRequest
from accounts.sign_in.device_cookie import kept_device
from accounts.sign_in.recent_authentication import is_recent, link_method
from accounts.sign_in.sessions import begin_session
from accounts.sign_in.sign_in_links import revoke_unverified_credentials
from moments.registry import absolute_url
from moments.security import encryption
from moments.web.client_addresses import address_or_zeros
from moments.web.context import KIND_HEADER, of_mails

PATH = re.compile(r"/[!-\[\]-~]*")
MOST_CHARACTERS = 254  # of an email address
SECOND_FACTOR = "second factor"


def is_local_path(url: str | None) -> bool:
    """A path on this host and nothing else. As addresses are written: no space, no backslash, nothing beyond ASCII."""
    is_path = url is not None and bool(PATH.fullmatch(url))
    return is_path and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


def is_typable(email: str) -> bool:
    """Has no invisible characters: zero-width spaces, direction marks, control characters."""
    return not any(unicodedata.category(character)[0] in "CZ" for character in email)


def remember_next(request: SignInRequest, then: str | None) -> None:
    """For the mail that may have to confirm the address, where nothing in the call itself says where to return."""
    request.after_confirming = then


def and_back(url: str, request: HttpRequest) -> str:
    """The address of a mailed link, with where to return."""
    if request is None:
        return url
    then = request.POST.get("next") or request.GET.get("next") or getattr(request, "after_confirming", None)
    return f"{url}?{urlencode({'next': then})}" if is_local_path(then) else url


def on_our_host(context: dict) -> dict[str, str]:
    """The links of a mail, however the library made them: whoever caused it chose the host of the call."""
    links = {name: urlsplit(value) for name, value in context.items() if name.endswith("_url")}
    return {name: absolute_url(urlunsplit(("", "", *parts[2:]))) for name, parts in links.items()}


class AccountAdapter(DefaultAccountAdapter):
    def is_safe_url(self, url: str) -> bool:
        return is_local_path(url)

    def new_user(self, request: HttpRequest) -> User:
        """Whoever signs up goes on in the language of the page."""
        user = super().new_user(request)
        user.language = get_language() or ""
        return user

    def is_reauthentication_required(self, **of: Any) -> bool:
        """Whoever has just signed in has just shown who they are.

        Nobody is exempt: the library would wave through whoever has neither a password nor a second factor, so it is
        not left to decide.
        """
        if super().is_reauthentication_required(**of) and not is_recent(self.request):
            raise ReauthenticationRequired
        return False

    def get_reauthentication_methods(self, user: User) -> list[dict]:
        """A mailed link is a way for everybody."""
        return [*super().get_reauthentication_methods(user), link_method()] if user.is_authenticated else []

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_or_zeros(request)

    def clean_email(self, email: str) -> str:
        email = super().clean_email(email)
        if not is_typable(email):
            raise ValidationError(_("Enter a valid email address."))
        if len(email) > MOST_CHARACTERS:
            message = _("This address has %(given)d characters; at most %(most)d are possible.")
            raise ValidationError(message % {"given": len(email), "most": MOST_CHARACTERS})
        return email

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        """In the frame of all mails, of a kind that is named as its templates are."""
        kind = {KIND_HEADER: template_prefix.rpartition("/")[2]}
        shown = {**of_mails(), **context, **on_our_host(context)}
        shown["subject"] = render_to_string(f"{template_prefix}_subject.txt", shown).strip()
        return super().render_mail(template_prefix, email, shown, {**(headers or {}), **kind})

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Carries where to return, so that confirming in another browser leads back to the same page too."""
        return and_back(super().get_email_confirmation_url(request, emailconfirmation), request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return and_back(super().get_reset_password_from_key_url(key), self.request)

    def pre_authenticate(self, request: SignInRequest, **credentials: Any) -> None:
        """What is refused from this address anyway tests no password, so it does not count for the account."""
        request.is_turned_away = not AxesProxyHandler.is_allowed(request, credentials)
        if not request.is_turned_away:
            super().pre_authenticate(request, **credentials)

    def set_password(self, user: User, password: str) -> None:
        """Of an account that nobody confirmed it is set by a mailed link: its owner comes for the first time."""
        revoke_unverified_credentials(user)
        super().set_password(user, password)

    def login(self, request: HttpRequest, user: User) -> None:
        """Whoever is erased in another tab at the same moment is either erased after it, or not let in."""
        with transaction.atomic():
            if not try_lock_active_user(user):
                messages.error(request, _("This account was erased."))
                raise ImmediateHttpResponse(redirect("account_login"))
            with kept_device(request):
                super().login(request, user)
            begin_session(request)

    def logout(self, request: HttpRequest) -> None:
        with kept_device(request):
            super().logout(request)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps and recovery codes sealed with the installation's key."""

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text, purpose=SECOND_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text, purpose=SECOND_FACTOR)
