"""Access to the console: which user, for which organization, in which role."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, User
from accounts.sign_in.second_factor import lacks_second_factor, send_to_set_up
from moments.requests import View


class SignedInRequest(HttpRequest):
    """What ``login_required`` lets through. ``member`` is set where a page asks ``member_of``."""

    user: User
    member: Member | None


class MemberRequest(SignedInRequest):
    """What ``member_required`` lets through."""

    member: Member


CHOSEN = "organization"
OWNERS = (Member.Role.OWNER,)
MANAGERS, EDITORS, EVERYBODY = Member.MANAGERS, Member.EDITORS, Member.EVERYBODY

# What a role may do, as the team's page shows it; views and services name the same groups of roles.
CAPABILITIES = [
    (_("See campaigns, rewards, points, reports, limits and statements; ask us"), EVERYBODY),
    (_("Create, edit, submit and run campaigns"), EDITORS),
    (_("Send, upload and void rewards; run points; manage webhooks"), EDITORS),
    (_("Ask for a higher limit, an own product or a T-shirt"), EDITORS),
    (_("Register apps; create, roll and revoke keys"), MANAGERS),
    (_("Invite, change and remove members; rename the organization"), MANAGERS),
    (_("Set up the card, if the billing is theirs; read the audit log"), MANAGERS),
    (_("Make and unmake owners; hand over the billing"), OWNERS),
]


def table_of_roles() -> list[tuple[str, list[bool]]]:
    """(what, for each role in ``Member.Role`` whether it may) each."""
    return [(str(what), [role in roles for role in Member.Role]) for what, roles in CAPABILITIES]


def member_of(request: SignedInRequest) -> Member | None:
    """The membership the user works under: the one chosen in the session, else the oldest."""
    members = Member.objects.filter(user=request.user).select_related("organization", "user").order_by("id")
    chosen = request.session.get(CHOSEN)
    found = list(members)
    return next((member for member in found if member.organization_id == chosen), found[0] if found else None)


def refuse_other_roles(member: Member, *roles: str) -> None:
    """403 with the reason."""
    if member.role not in roles:
        raise PermissionDenied(gettext("As %s you may not do this.") % member.get_role_display())


def member_required(*roles: str) -> Callable[[View], View]:
    """Sets ``request.member``. Anonymous: sign in first. No organization: register one. Another role: 403.

    What only some roles may do takes a second factor too, where the installation asks for one.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def wrapped(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.member = member_of(request)
            if request.member is None:
                return redirect("console:organization:new")
            refuse_other_roles(request.member, *(roles or EVERYBODY))
            if roles and lacks_second_factor(request.user):
                return send_to_set_up(request)
            return view(request, *args, **kwargs)

        return wrapped

    return decorate
