"""Console pages to register, choose and rename an organization."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.organizations import service as organizations
from accounts.organizations.access import (
    CHOSEN,
    MANAGERS,
    MemberRequest,
    SignedInRequest,
    member_required,
)
from accounts.organizations.eligibility import ineligible_names
from accounts.sign_in.recent_authentication import require_recent
from console.organization.forms import (
    OrganizationForm,
    OrganizationNameForm,
)
from moments import clock
from moments.errors import RuleViolation
from moments.web.forms import add_refusal


@login_required
def new_organization(request: SignedInRequest) -> HttpResponse:
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            member = organizations.register_organization(request.user, **form.cleaned_data, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            request.session[CHOSEN] = member.organization_id
            messages.success(request, _("%s is registered.") % member.organization)
            return redirect("console:home")
    return render(request, "console/organization/new.html", {"form": form, "ineligible": ineligible_names()})


@require_POST
@login_required
def choose_organization(request: SignedInRequest) -> HttpResponse:
    chosen = request.POST.get("organization", "")
    known = chosen.isascii() and chosen.isdigit() and len(chosen) < 18
    member = get_object_or_404(request.user.memberships, organization_id=int(chosen) if known else 0)
    request.session[CHOSEN] = member.organization_id
    return redirect("console:home")


@member_required(*MANAGERS)
def organization(request: MemberRequest) -> HttpResponse:
    form = OrganizationNameForm(request.POST or None, instance=request.member.organization)
    if request.method == "POST" and form.is_valid():
        require_recent(request)
        organizations.rename_organization(request.member.organization, **form.cleaned_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("console:organization:detail")
    return render(request, "console/organization/detail.html", {"form": form})
