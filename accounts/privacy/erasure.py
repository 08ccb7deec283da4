"""Taking a person out of the installation: what is theirs alone goes, what others need keeps a pseudonym."""

import datetime as dt
import re
import secrets

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.models import Invitation, Member, SignInLink, User
from accounts.organizations.service import remove_member
from moments.errors import RuleViolation

NOWHERE = "@erased.invalid"  # no mail can go there (RFC 2606)


def is_erased_address(email: str) -> bool:
    return email.endswith(NOWHERE)


def addresses_of(user: User) -> list[str]:
    """Every address of mail that was the user's login or is known to be theirs."""
    known = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return sorted({user.email, *(email.lower() for email in known)})


def refuse_last_owner(user: User) -> None:
    """An organization without an owner would belong to nobody."""
    for member in user.memberships.filter(role=Member.Role.OWNER).select_related("organization"):
        if not member.organization.members.filter(role=Member.Role.OWNER).exclude(pk=member.pk).exists():
            message = _("You are the last owner of %s. Make somebody else an owner there first.")
            raise RuleViolation("last_owner", message % member.organization)


def refuse_operator(user: User) -> None:
    if user.is_staff or user.is_superuser:
        raise RuleViolation("operator", _("You are an operator. Let another operator take that right away first."))


def leave_organizations(user: User) -> None:
    for member in user.memberships.select_related("organization", "user"):
        remove_member(member, by=member)


def end_sessions(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()


def forget_addresses(user: User, addresses: list[str]) -> None:
    """Of signing in, of invitations, of what operators did: rows that name an address. ``user`` is blank already."""
    pseudonym = user.email
    SignInLink.objects.filter(Q(user=user) | Q(email__in=addresses)).delete()
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        model.objects.annotate(typed=Lower("username")).filter(typed__in=addresses).delete()
    Invitation.objects.filter(email__in=addresses, accepted_at=None).delete()
    Invitation.objects.filter(email__in=addresses).update(email=pseudonym)
    for address in addresses:
        named = LogEntry.objects.filter(object_repr__iregex=whole_word_pattern(address))
        named.update(object_repr=pseudonym, change_message="")
        _rename_in_audit_log(address, pseudonym)


def whole_word_pattern(address: str) -> str:
    """Matches the whole address only. An address that merely starts or ends like it belongs to somebody else."""
    return rf"(?<![\w.%+-]){re.escape(address)}(?![\w-]|\.\w)"


def _rename_in_audit_log(address: str, pseudonym: str) -> None:
    """The log's trigger lets pass this one change: an erased address for its pseudonym, and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('moments.erased_address', %s, true), set_config('moments.pseudonym', %s, true)",
            [address, pseudonym],
        )
        cursor.execute(
            "UPDATE accounts_auditentry SET about = accounts_without_address(about, %s, %s) "
            "WHERE strpos(about, %s) > 0",
            [address, pseudonym, address],
        )
        cursor.execute("SELECT set_config('moments.erased_address', '', true)")


def anonymize_user(user: User, *, now: dt.datetime) -> None:
    """The row stays for what points at it; nobody can sign in with it, and nothing in it says who it was."""
    user.email, user.name = f"erased-{secrets.token_hex(6)}{NOWHERE}", ""
    user.time_zone, user.browser_time_zone, user.language = "UTC", "", ""
    user.is_active, user.last_login, user.erased_at = False, None, now
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
