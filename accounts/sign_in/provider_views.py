"""Signing in with an account from elsewhere: out to the provider, and what comes back."""

import hashlib
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.amazon.views import oauth2_callback
from allauth.socialaccount.providers.base import AuthError, Provider
from allauth.socialaccount.providers.openid_connect.views import callback
from allauth.socialaccount.views import signup
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException, Timeout

from accounts.models import User
from accounts.requests import SignInRequest
from accounts.sign_in.adapter import is_local_path, is_typable, remember_next
from accounts.sign_in.entry_pages import no_cache_no_index, with_next
from accounts.sign_in.service import disconnect_provider
from moments.integrations.guarded_session import GuardedSession
from moments.names import plain
from moments.requests import View
from moments.security.log_redaction import logger
from moments.web.views import not_responding

LONGEST_NAME = 120
LONGEST_ID = 191  # in allauth's table
# What a provider that is down, or answers what no provider should, makes of allauth's code
AMISS = (RequestException, ImproperlyConfigured, DataError, AttributeError, LookupError, TypeError, ValueError)


class SocialAdapter(DefaultSocialAccountAdapter):
    """An address that has an account here is never joined to one from elsewhere but by whoever is signed in to it."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Provider:
        """An id of a person that is longer than the column for it is kept as its digest."""
        found = super().get_provider(request, provider, client_id=client_id)
        extract = found.extract_uid
        found.extract_uid = lambda data: kept_id(extract(data))
        return found

    def get_requests_session(self) -> GuardedSession:
        return GuardedSession()

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user = super().populate_user(request, sociallogin, data)
        parts = [str(data.get(part) or "") for part in ("first_name", "last_name")]
        name = str(data.get("name") or "") or " ".join(part for part in parts if part)
        user.name = plain(name[: LONGEST_NAME * 4])[:LONGEST_NAME]
        return user

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        return {**super().get_signup_form_initial_data(sociallogin), "name": sociallogin.user.name}

    def pre_social_login(self, request: SignInRequest, sociallogin: SocialLogin) -> None:
        """Keeps the provider's id of the person and nothing else of what it tells of them."""
        remember_next(request, sociallogin.state.get("next"))
        refuse_unreachable_addresses(sociallogin)
        for address in sociallogin.email_addresses:
            address.verified = address.verified is True  # not the text "false", which is true
        sociallogin.account.extra_data = {}
        SocialAccount.objects.filter(pk=sociallogin.account.pk).update(extra_data={})

    def save_user(self, request: SignInRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        remember_next(request, sociallogin.state.get("next"))
        return super().save_user(request, sociallogin, form)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        state = (extra_context or {}).get("state") or {}
        answer = turn_back(request, state.get("next") or "", canceled=error == AuthError.CANCELLED, why=exception)
        raise ImmediateHttpResponse(answer)


def kept_id(uid: str) -> str:
    """OpenID Connect allows 255 characters."""
    if len(uid) <= LONGEST_ID:
        return uid
    if len(uid) > 255:
        raise ValueError("longer than any id of a person")
    return f"sha256:{hashlib.sha256(uid.encode()).hexdigest()}"


def refuse_unreachable_addresses(sociallogin: SocialLogin) -> None:
    """An address that cannot be typed can be mailed to by nobody, whatever a provider has confirmed: another is asked
    for."""
    sociallogin.email_addresses = [each for each in sociallogin.email_addresses if is_typable(each.email)]
    if not is_typable(sociallogin.user.email or ""):
        sociallogin.user.email = ""


def turn_back(request: HttpRequest, then: str, *, canceled: bool = False, why: Exception | None = None) -> HttpResponse:
    """To the sign-in page, with a word about it. What a provider answered is in no log: it may be a secret."""
    if canceled:
        messages.info(request, _("You did not go on. Sign in here, or another way."))
    else:
        logger.warning("Signing in elsewhere failed: %s", type(why).__name__)
        if isinstance(why, Timeout):
            message = _("The sign-in provider is not responding. Try again in a minute, or sign in another way.")
            return not_responding(request, message, again=with_next("account_login", then))
        messages.error(request, _("That did not work. Try again, or sign in another way."))
    return redirect(with_next("account_login", then))


def guarded(view: View) -> View:
    """A provider that the settings do not name is not found; one that fails leads back to the sign-in page."""

    @no_cache_no_index
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        then = next_of(request)
        try:
            return view(request, *args, **kwargs)
        except SocialApp.DoesNotExist:
            raise Http404 from None
        except AMISS as error:
            return turn_back(request, then, why=error)

    return wrapped


def next_of(request: HttpRequest) -> str:
    """Where somebody is going: said by the form, or kept in the session until the provider sends them back."""
    state, *_rest = statekit.get_states(request).get(request.GET.get("state", ""), [{}])
    return get_next_redirect_url(request) or state.get("next") or ""


@guarded
@require_POST
def go_to_provider(request: HttpRequest, provider: str) -> HttpResponse:
    """Through a page of this site, because a form's CSP (``form-action``) also applies to redirects that answer it."""
    found = get_adapter().get_provider(request, provider)
    request.GET = QueryDict()  # there allauth takes further wishes to the provider
    answer = found.redirect_from_request(request)
    if is_local_path(answer["Location"]):
        return answer
    return render(request, "accounts/sign_in/to_provider.html", {"provider": found, "url": answer["Location"]})


@guarded
@require_safe
def back_from_amazon(request: HttpRequest) -> HttpResponse:
    return oauth2_callback(request)


@guarded
@require_safe
def back_from_openid_connect(request: HttpRequest, provider_id: str) -> HttpResponse:
    return callback(request, provider_id)


complete_sign_up = guarded(signup)


def names_of_providers(request: HttpRequest) -> dict[str, str]:
    return {provider.sub_id: provider.name for provider in get_adapter().list_providers(request)}


@require_safe
@login_required
@reauthentication_required(app="allauth.socialaccount")
def connected_accounts(request: HttpRequest) -> HttpResponse:
    names = names_of_providers(request)
    mine = SocialAccount.objects.filter(user=request.user).order_by("pk")
    accounts = [(account, names.get(account.provider, account.provider)) for account in mine]
    return render(request, "accounts/sign_in/connected_accounts.html", {"accounts": accounts})


@require_POST
@login_required
@reauthentication_required(app="allauth.socialaccount")
def forget_account(request: HttpRequest, pk: int) -> HttpResponse:
    """There is always a way in left: by mail."""
    found = get_object_or_404(SocialAccount, pk=pk, user=request.user)
    name = names_of_providers(request).get(found.provider, found.provider)
    disconnect_provider(found, name=name, request=request)
    messages.success(request, _("Removed. It signs you in no more."))
    return redirect("socialaccount_connections")
