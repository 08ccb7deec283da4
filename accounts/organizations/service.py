"""What can be done with organizations, their members, apps and keys."""

import datetime as dt
import hashlib
import ipaddress
import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import ApiKey, App, Invitation, Member, Organization, SupportMessage, SupportRequest, User
from accounts.organizations.audit import AuditEvent, record
from accounts.organizations.eligibility import refuse_ineligible
from accounts.organizations.emails import mail_invitation
from accounts.privacy.user_lock import lock_active_user
from moments.errors import Conflict, RuleViolation, is_violation_of
from moments.lifecycle import advance

SCOPES = ["rewards", "points"]
ROLL_OVERLAP = dt.timedelta(hours=24)
INVITATION_LIFE = dt.timedelta(days=7)


def require_role(member: Member, *roles: str) -> None:
    """Raises ``RuleViolation("forbidden")`` unless ``member`` has one of ``roles``."""
    if member.role not in roles:
        raise RuleViolation("forbidden", _("As %s you may not do this.") % member.get_role_display())


def register_organization(user: User, *, name: str, country: str, now: dt.datetime) -> Member:
    """A new organization, owned by ``user``. Refuses countries that are not eligible."""
    refuse_ineligible(country)
    with transaction.atomic():
        lock_active_user(user)
        organization = Organization.objects.create(name=name.strip(), country=country, created_at=now)
        record(organization, AuditEvent.REGISTERED, organization.name, by=user, now=now)
        return Member.objects.create(organization=organization, user=user, role=Member.Role.OWNER, created_at=now)


def rename_organization(organization: Organization, *, name: str, by: User) -> None:
    with transaction.atomic():
        organization.name = name
        organization.save(update_fields=["name"])
        record(organization, AuditEvent.RENAMED, name, by=by)


def suspend_organization(organization: Organization) -> None:
    """Stops every issue of it at once; what was issued stays good."""
    advance(organization, Organization.Status.SUSPENDED)


def reinstate_organization(organization: Organization) -> None:
    advance(organization, Organization.Status.ACTIVE)


def waive_payment(organization: Organization, *, now: dt.datetime) -> None:
    """The operator bills this organization outside: its campaigns may be approved without a payment method."""
    Organization.objects.filter(pk=organization.pk, payment_waived_at=None).update(payment_waived_at=now)
    organization.refresh_from_db(fields=["payment_waived_at"])


# Apps and keys


def create_app(
    member: Member, *, name: str, url: str = "", opens_in: str = App.OpensIn.BROWSER, now: dt.datetime
) -> App:
    require_role(member, *Member.MANAGERS)
    try:
        with transaction.atomic():
            record(member.organization, AuditEvent.APP_REGISTERED, name.strip(), by=member.user, now=now)
            return App.objects.create(
                organization=member.organization, name=name.strip(), url=url, opens_in=opens_in, created_at=now
            )
    except IntegrityError as error:
        if not is_violation_of(error, "app_name_once"):
            raise
        raise RuleViolation("name_taken", _("You already have an app named “%s”.") % name, field="name") from None


def change_app(app: App, *, by: User, allowlist: list[str] | None = None, **fields: Any) -> None:
    """Write these columns. ``allowlist`` are the networks that may call the API with the app's keys; none: any."""
    columns = fields if allowlist is None else {**fields, "ip_allowlist": allowlist}
    names = [*fields, *(["allowlist"] if allowlist is not None else [])]
    for column, value in columns.items():
        setattr(app, column, value)
    with transaction.atomic():
        app.save(update_fields=list(columns))
        record(app.organization, AuditEvent.APP_CHANGED, f"{app.name}: {', '.join(names)}", by=by)


def secret_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def create_api_key(
    app: App, *, mode: str, name: str = "", by: User | None = None, now: dt.datetime
) -> tuple[ApiKey, str]:
    """A key of ``app`` and its secret, which is not stored and cannot be shown again: 192 random bits."""
    secret = f"mk_{mode}_{secrets.token_urlsafe(24)}"
    with transaction.atomic():
        key = ApiKey.objects.create(
            app=app,
            mode=mode,
            name=name,
            hint=secret[:12],
            digest=secret_digest(secret),
            scopes=SCOPES,
            created_by=by,
            created_at=now,
        )
        record(app.organization, AuditEvent.KEY_CREATED, about_key(key), by=by, now=now)
    return key, secret


def about_key(key: ApiKey) -> str:
    return f"{key} ({key.app.name}) {key.name}".strip()


def roll_api_key(key: ApiKey, *, by: User, now: dt.datetime) -> tuple[ApiKey, str]:
    """A new key in the place of ``key``, which works for another 24 hours. Refuses one rolled or revoked already."""
    with transaction.atomic():
        rolled = ApiKey.objects.filter(pk=key.pk, revoked_at=None, expires_at=None).update(
            expires_at=now + ROLL_OVERLAP
        )
        if not rolled:
            raise RuleViolation("key_not_current", _("This key was rolled or revoked already."))
        record(key.app.organization, AuditEvent.KEY_ROLLED, about_key(key), by=by, now=now)
        return create_api_key(key.app, mode=key.mode, name=key.name, by=by, now=now)


def revoke_api_key(key: ApiKey, *, by: User, now: dt.datetime) -> None:
    """Ends ``key`` at once, for good."""
    with transaction.atomic():
        if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
            raise RuleViolation("key_not_current", _("This key was revoked already."))
        record(key.app.organization, AuditEvent.KEY_REVOKED, about_key(key), by=by, now=now)


def parse_allowlist(text: str) -> list[str]:
    """Addresses and networks, one a line. Raises ``RuleViolation`` that names the first bad line."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(str(ipaddress.ip_network(line.strip(), strict=False)))
        except ValueError:
            message = _(
                "Line %(number)d, “%(line)s”, is not an IP address or network such as 203.0.113.7 or 2001:db8::/32."
            )
            raise RuleViolation(
                "invalid_address", message % {"number": number, "line": line.strip()}, field="ip_allowlist"
            ) from None
    return found


# Team


def invite_member(member: Member, *, email: str, role: str, now: dt.datetime) -> tuple[Invitation, str]:
    """An open invitation and the secret of its link. Asking again replaces the one before."""
    require_role(member, *Member.MANAGERS)
    email = email.strip().lower()
    if member.organization.members.filter(user__email=email).exists():
        raise RuleViolation("already_member", _("%s is a member already.") % email, field="email")
    if role == Member.Role.OWNER:
        require_role(member, Member.Role.OWNER)
    secret = secrets.token_urlsafe(24)
    try:
        with transaction.atomic():
            open_ones = Invitation.objects.filter(organization=member.organization, email__iexact=email)
            open_ones.filter(accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
            invitation = Invitation.objects.create(
                organization=member.organization,
                email=email,
                role=role,
                digest=secret_digest(secret),
                invited_by=member.user,
                created_at=now,
                expires_at=now + INVITATION_LIFE,
            )
            about = f"{email}: {invitation.get_role_display()}"
            record(member.organization, AuditEvent.INVITED, about, by=member.user, now=now)
    except IntegrityError as error:
        if not is_violation_of(error, "invitation_open_once"):
            raise
        message = _("Somebody else is inviting %s at this moment.") % email
        raise RuleViolation("already_invited", message, field="email") from None
    return invitation, secret


def invite_by_mail(member: Member, *, email: str, role: str, now: dt.datetime) -> Invitation:
    """Invite somebody and mail the link, both or neither."""
    with transaction.atomic():
        invitation, secret = invite_member(member, email=email, role=role, now=now)
        mail_invitation(invitation, secret)
    return invitation


def open_invitations(organization: Organization, *, now: dt.datetime) -> QuerySet[Invitation]:
    return organization.invitations.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)


def withdraw_invitation(invitation: Invitation, *, by: Member, now: dt.datetime) -> None:
    """Refuses one that has been answered or withdrawn meanwhile."""
    require_role(by, *Member.MANAGERS)
    with transaction.atomic():
        open_ones = open_invitations(by.organization, now=now).filter(pk=invitation.pk)
        if not open_ones.update(withdrawn_at=now):
            message = _("The invitation of %s is no longer open.") % invitation.email
            raise RuleViolation("invitation_gone", message)
        record(by.organization, AuditEvent.INVITATION_WITHDRAWN, invitation.email, by=by.user, now=now)


def accept_invitation(secret: str, *, user: User, now: dt.datetime) -> Member:
    """Makes ``user`` a member. The invitation must be open and sent to the user's own address."""
    gone = RuleViolation("invitation_gone", _("This invitation is no longer good. Ask for a new one."))
    with transaction.atomic():
        lock_active_user(user)
        invitation = Invitation.objects.filter(digest=secret_digest(secret)).select_related("organization").first()
        if invitation is None or invitation.email != user.email:
            raise gone
        won = Invitation.objects.filter(
            pk=invitation.pk, accepted_at=None, withdrawn_at=None, expires_at__gt=now
        ).update(accepted_at=now)
        if not won:
            raise gone
        member, _made = Member.objects.get_or_create(
            organization=invitation.organization, user=user, defaults={"role": invitation.role, "created_at": now}
        )
        record(member.organization, AuditEvent.JOINED, str(member), by=user, now=now)
        return member


def change_role(target: Member, *, role: str, by: Member) -> None:
    _manage_member(target, by=by, new_role=role)
    with transaction.atomic():
        _keep_an_owner(target, stays=role == Member.Role.OWNER)
        if not Member.objects.filter(pk=target.pk).update(role=role):
            raise Conflict
        about = f"{target.user}: {target.get_role_display()} → {Member.Role(role).label}"
        record(target.organization, AuditEvent.ROLE_CHANGED, about, by=by.user)


def remove_member(target: Member, *, by: Member) -> None:
    _manage_member(target, by=by, new_role=target.role)
    with transaction.atomic():
        _keep_an_owner(target, stays=False)
        if not Member.objects.filter(pk=target.pk).delete()[0]:
            raise Conflict  # whoever was quicker has written it down; of somebody erased no address is
        record(target.organization, AuditEvent.MEMBER_REMOVED, str(target), by=by.user)


def _manage_member(target: Member, *, by: Member, new_role: str) -> None:
    """Administrators manage; what touches an owner takes an owner. Anybody may leave."""
    if target.pk == by.pk and new_role == target.role:
        return
    require_role(by, *Member.MANAGERS)
    if Member.Role.OWNER in {target.role, new_role}:
        require_role(by, Member.Role.OWNER)


def _keep_an_owner(target: Member, *, stays: bool) -> None:
    """Locks the organization's owners, so that two who leave at once cannot both be the last but one."""
    owners = list(
        Member.objects.select_for_update(no_key=True)
        .filter(organization_id=target.organization_id, role=Member.Role.OWNER)
        .values_list("pk", flat=True)
    )
    if owners == [target.pk] and not stays:
        raise RuleViolation("last_owner", _("The last owner stays. Make somebody else an owner first."))


# Support


def open_request(
    member: Member, *, kind: str, subject: str, body: str, picture: str = "", now: dt.datetime
) -> SupportRequest:
    """A new thread. ``picture`` is the name of a stored one."""
    with transaction.atomic():
        request = SupportRequest.objects.create(
            organization=member.organization, opened_by=member.user, kind=kind, subject=subject, created_at=now
        )
        SupportMessage.objects.create(request=request, author=member.user, body=body, picture=picture, created_at=now)
    return request


def reply_to_request(
    request: SupportRequest, *, author: User, body: str, from_operator: bool, now: dt.datetime
) -> SupportMessage:
    """An operator's reply answers the request, the organization's opens it again."""
    status = SupportRequest.Status.ANSWERED if from_operator else SupportRequest.Status.OPEN
    with transaction.atomic():
        message = SupportMessage.objects.create(
            request=request, author=author, body=body, from_operator=from_operator, created_at=now
        )
        if request.status != status:
            advance(request, status)
    return message


def close_request(request: SupportRequest) -> None:
    advance(request, SupportRequest.Status.CLOSED)
