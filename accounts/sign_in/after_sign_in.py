"""Where somebody goes after signing in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.organizations.access import SignedInRequest


@login_required
def after_sign_in(request: SignedInRequest) -> HttpResponse:
    """Members to their console, operators to theirs, everybody else to their account, which leads on to registering an
    organization too: who has no reward may have come for one that is over."""
    if request.user.memberships.exists():
        return redirect("console:home")
    return redirect("admin:index" if request.user.is_staff else "redemption:my")
