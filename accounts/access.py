"""The console's door: who is it, for which organization, in which role."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import Member

CHOSEN = "organization"
MANAGERS = (Member.Role.OWNER, Member.Role.ADMIN)
EDITORS = (*MANAGERS, Member.Role.EDITOR)
EVERYBODY = (*EDITORS, Member.Role.ANALYST)


def member_of(request) -> Member | None:
    """The membership the user works under: the one chosen in the session, else the oldest."""
    members = Member.objects.filter(user=request.user).select_related("organization", "user").order_by("id")
    chosen = request.session.get(CHOSEN)
    found = list(members)
    return next((member for member in found if member.organization_id == chosen), found[0] if found else None)


def member_required(*roles: str):
    """Sets ``request.member``. Anonymous: sign in first. No organization: register one. Another role: 403."""

    def decorate(view):
        @wraps(view)
        @login_required
        def wrapped(request, *args, **kwargs):
            request.member = member_of(request)
            if request.member is None:
                return redirect("accounts:new_organization")
            if request.member.role not in (roles or EVERYBODY):
                raise PermissionDenied(_("As %s you may not do this.") % request.member.get_role_display())
            return view(request, *args, **kwargs)

        return wrapped

    return decorate
