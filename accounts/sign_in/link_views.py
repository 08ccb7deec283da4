"""Signing in by a mailed link: asked for, sent, opened. Looking at a link uses up nothing: programs read mail too."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url, perform_login
from allauth.core.ratelimit import consume
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import SignInLink, User
from accounts.organizations.access import SignedInRequest
from accounts.sign_in import sign_in_links
from accounts.sign_in.basic_forms import SignInLinkForm
from accounts.sign_in.entry_pages import no_cache_no_index, with_next
from moments import clock

METHOD = "mailed_link"


@no_cache_no_index
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="ask_link")
def ask_link(request: HttpRequest) -> HttpResponse:
    """The same answer whether or not the address is known; also from the sign-in page, with what was typed there."""
    then = get_next_redirect_url(request) or ""
    if request.user.is_authenticated:
        return redirect(then or settings.LOGIN_REDIRECT_URL)
    form = SignInLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        send_link(request, form.cleaned_data["login"], then)
        return redirect(with_next("accounts:link_sent", then))
    context = {"form": form, "then": then, "sign_in": with_next("account_login", then)}
    return render(request, "accounts/sign_in/ask_link.html", context)


@no_cache_no_index
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@rate_limit(action="ask_link")
def confirm_by_link(request: SignedInRequest) -> HttpResponse:
    """In place of the password, before a change of the account."""
    then = get_next_redirect_url(request) or ""
    if request.method == "POST":
        send_link(request, request.user.email, then)
        return redirect(with_next("accounts:link_sent", then))
    ways = get_adapter(request).get_reauthentication_methods(request.user)
    others = [{**way, "url": passthrough_next_redirect_url(request, way["url"], "next")} for way in ways[:-1]]
    return render(
        request, "accounts/sign_in/confirm_link.html", {"then": then, "reauthentication_alternatives": others}
    )


def send_link(request: HttpRequest, email: str, then: str) -> None:
    """Nothing where the address was sent its share: the links before are still good, and nobody is flooded."""
    if consume(request, action="mail_link", key=email):
        sign_in_links.send_link(email, then=then, now=clock.now())


@no_cache_no_index
@require_safe
def link_sent(request: HttpRequest) -> HttpResponse:
    context = {
        "again": with_next("accounts:ask_link", get_next_redirect_url(request) or ""),
        "minutes": sign_in_links.MINUTES,
    }
    return render(request, "accounts/sign_in/link_sent.html", context)


@no_cache_no_index
@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Asks; the answer signs in, once, and creates the account of an address that has none."""
    link = sign_in_links.find_link(secret, now=clock.now())
    if link is None:
        return link_gone(request, secret)
    if request.method != "POST":
        context = {"link": link, "is_new": sign_in_links.creates_account(link)}
        return render(request, "accounts/sign_in/open_link.html", context)
    user = sign_in_links.redeem_link(link, language=get_language() or "", now=clock.now())
    return enter(request, link, user) if user else link_gone(request, secret)


def link_gone(request: HttpRequest, secret: str) -> HttpResponse:
    then = sign_in_links.path_of(secret)
    ways = {"ask": with_next("accounts:ask_link", then), "sign_in": with_next("account_login", then)}
    return render(request, "accounts/sign_in/link_gone.html", ways, status=410)


def enter(request: HttpRequest, link: SignInLink, user: User) -> HttpResponse:
    """Signs in through allauth, which asks for the second factor of whoever has one."""
    if request.user == user:
        record_authentication(request, user, METHOD, email=link.email, reauthenticated=True)
        return resume_request(request) or redirect(link.then or settings.LOGIN_REDIRECT_URL)
    return let_in(request, user, link.email, link.then)


def let_in(request: HttpRequest, user: User, email: str, then: str) -> HttpResponse:
    """Whoever has what was mailed to ``email``. What was set before the address was confirmed is no longer good."""
    if request.user.is_authenticated:
        get_adapter(request).logout(request)
    if address := sign_in_links.unconfirmed_address(user, email):
        if sign_in_links.revoke_unverified_credentials(user):
            messages.info(request, _("The password that was set before you confirmed your address is no longer good."))
        get_adapter(request).confirm_email(request, address)
        if address.email == user.email:
            address.set_as_primary()
    record_authentication(request, user, METHOD, email=email)
    return perform_login(request, user, redirect_url=then or None, email=email)
