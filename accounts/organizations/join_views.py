"""The page of an invitation to an organization."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.organizations import service as organizations
from accounts.organizations.access import (
    CHOSEN,
    SignedInRequest,
)
from moments import clock
from moments.errors import RuleViolation


@login_required
def join(request: SignedInRequest, secret: str) -> HttpResponse:
    """The invitation's link. Looking at it changes nothing."""
    if request.method == "POST":
        try:
            member = organizations.accept_invitation(secret, user=request.user, now=clock.now())
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
        else:
            request.session[CHOSEN] = member.organization_id
            messages.success(request, _("You are in. Welcome to %s.") % member.organization)
            return redirect("console:home")
    return render(request, "accounts/organizations/join.html")
