"""Pages about one's own account: second factor, where one is signed in, who tried."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.organizations.access import SignedInRequest, member_of
from accounts.sign_in.second_factor import THEN, has_second_factor
from accounts.sign_in.sign_in_log import device_of, shortened
from moments import registry

SHOWN = 20


@require_safe
@never_cache
@login_required
def security(request: SignedInRequest) -> HttpResponse:
    request.member = member_of(request)
    if request.member:
        translation.activate("en")  # a page of the console then
    mine = Authenticator.objects.filter(user=request.user)
    codes = mine.filter(type=Authenticator.Type.RECOVERY_CODES).first()
    is_set = has_second_factor(request.user)
    context = {
        "totp": mine.filter(type=Authenticator.Type.TOTP).first(),
        "passkeys": mine.filter(type=Authenticator.Type.WEBAUTHN),
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "is_set": is_set,
        "then": request.session.get(THEN) if is_set else None,
        "sessions": sessions_of(request),
        "sign_ins": request.user.sign_ins.all()[:SHOWN],
        "days_kept": settings.KEEP_DAYS["sign_ins"],
        "base": "console/base.html" if request.member else registry.MY_PAGES,
    }
    if is_set:
        request.session.pop(THEN, None)
    return render(request, "accounts/sign_in/security.html", context)


def sessions_of(request: HttpRequest) -> list[dict]:
    """Those that still hold, this one first."""
    here = request.session.session_key
    found = UserSession.objects.purge_and_list(request.user)
    found.sort(key=lambda session: (session.session_key != here, -session.created_at.timestamp()))
    return [
        {
            "pk": session.pk,
            "device": device_of(session.user_agent),
            "address": shortened(session.ip),
            "since": session.created_at,
            "is_here": session.session_key == here,
        }
        for session in found
    ]


@require_POST
@login_required
def end_session(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ends it on the server: its cookie is worth nothing from then on."""
    get_object_or_404(UserSession, pk=pk, user=request.user).end()
    messages.success(request, _("Signed out there."))
    return redirect("accounts:security")


@require_POST
@login_required
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    for session in UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key):
        session.end()
    messages.success(request, _("Signed out everywhere else."))
    return redirect("accounts:security")
