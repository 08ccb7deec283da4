"""Pages to view, download and erase one's data."""

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.organizations.access import SignedInRequest
from moments import clock
from moments.errors import RuleViolation
from moments.web.forms import add_refusal
from moments.web.private_pages import private
from redemption.privacy.erasure import erase_customer, refuse_erasure
from redemption.privacy.export import collect
from redemption.privacy.forms import EraseForm
from redemption.privacy.readable_export import readable


@private
@require_safe
@login_required
def data(request: SignedInRequest) -> HttpResponse:
    return render(request, "redemption/privacy/my_data.html", {"days": settings.KEEP_DAYS})


@private
@require_safe
@login_required
@reauthentication_required
def data_preview(request: SignedInRequest) -> HttpResponse:
    return render(request, "redemption/privacy/data_preview.html", {"sections": readable(request.user)})


@private
@require_safe
@login_required
@reauthentication_required
def download(request: SignedInRequest) -> HttpResponse:
    found = {"made": clock.now().isoformat(timespec="seconds"), **collect(request.user)}
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="my-data-at-moments.json"'
    return response


@private
@login_required
@reauthentication_required
def erase(request: SignedInRequest) -> HttpResponse:
    """Show what is erased and what is kept; erase the account once it is confirmed."""
    form = EraseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            erase_customer(request.user, language=translation.get_language() or "en", now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            get_adapter(request).logout(request)
            return redirect("redemption:erased")
    return render(
        request, "redemption/privacy/erase.html", {"form": form, "obstacle": obstacle_to_erasing(request.user)}
    )


def obstacle_to_erasing(user: User) -> str:
    try:
        refuse_erasure(user, now=clock.now())
    except RuleViolation as refusal:
        return refusal.message
    return ""


@private
@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    return render(request, "redemption/privacy/erased.html")
