"""Console pages for the organization's members and their roles."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Member
from accounts.organizations import service as organizations
from accounts.organizations.access import (
    MANAGERS,
    MemberRequest,
    member_required,
    refuse_other_roles,
    table_of_roles,
)
from accounts.sign_in.recent_authentication import require_recent
from accounts.sign_in.second_factor import lacks_second_factor, send_to_set_up
from console.team.forms import InviteForm, RoleForm
from moments import clock
from moments.errors import RuleViolation
from moments.web.confirmation import confirm_first
from moments.web.forms import add_refusal


@require_safe
@member_required()
def team(request: MemberRequest) -> HttpResponse:
    organization = request.member.organization
    open_ones = organizations.open_invitations(organization, now=clock.now())
    members = organization.members.select_related("user").order_by("id")
    context = {"members": members, "invitations": open_ones, "roles": Member.Role, "table": table_of_roles()}
    return render(request, "console/team/list.html", context)


@member_required(*MANAGERS)
@reauthentication_required
def invite(request: MemberRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = organizations.invite_by_mail(request.member, **form.cleaned_data, now=clock.now())
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("An invitation is on its way to %s.") % invitation.email)
            return redirect("console:team:list")
    return render(request, "console/team/invite.html", {"form": form})


@member_required(*MANAGERS)
@reauthentication_required
def member(request: MemberRequest, pk: int) -> HttpResponse:
    target = get_object_or_404(Member, pk=pk, organization_id=request.member.organization_id)
    form = RoleForm(request.POST or None, initial={"role": target.role})
    if request.method == "POST" and form.is_valid():
        try:
            organizations.change_role(target, role=form.cleaned_data["role"], by=request.member)
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("console:team:list")
    return render(request, "console/team/member.html", {"target": target, "form": form})


@member_required()
def remove_member(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a member after a confirmation. Managers can remove others; anyone can leave."""
    target = get_object_or_404(Member, pk=pk, organization_id=request.member.organization_id)
    leaves = target.pk == request.member.pk
    if not leaves:
        refuse_other_roles(request.member, *MANAGERS)
        if lacks_second_factor(request.user):
            return send_to_set_up(request)
    require_recent(request)
    if request.method != "POST":
        return ask_to_leave(request, target) if leaves else ask_to_remove(request, target)
    try:
        organizations.remove_member(target, by=request.member)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("console:team:list")
    messages.success(request, _("%s is no longer a member.") % target.user)
    return redirect("console:home" if leaves else "console:team:list")


def ask_to_leave(request: MemberRequest, target: Member) -> HttpResponse:
    consequence = _(
        "You lose access to its campaigns at once; only an invitation brings you back. What you made stays."
    )
    question = _("Leave %s?") % target.organization
    return confirm_first(request, question, consequence, verb=_("Leave"), back=reverse("console:team:list"))


def ask_to_remove(request: MemberRequest, target: Member) -> HttpResponse:
    consequence = _("A removed member loses access at once. What they made stays.")
    question = _("Remove %s from the team?") % target.user.get_full_name()
    return confirm_first(
        request, question, consequence, verb=_("Remove from the team"), back=reverse("console:team:list")
    )


@member_required(*MANAGERS)
@reauthentication_required
def withdraw_invitation(request: MemberRequest, pk: int) -> HttpResponse:
    """Withdraw an open invitation after a confirmation. Raises ``Http404`` if it was answered meanwhile."""
    found = get_object_or_404(organizations.open_invitations(request.member.organization, now=clock.now()), pk=pk)
    if request.method != "POST":
        consequence = _("The link that we mailed stops working. You can invite the same address again.")
        question = _("Withdraw the invitation of %s?") % found.email
        return confirm_first(request, question, consequence, verb=_("Withdraw"), back=reverse("console:team:list"))
    try:
        organizations.withdraw_invitation(found, by=request.member, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The invitation of %s is withdrawn.") % found.email)
    return redirect("console:team:list")
