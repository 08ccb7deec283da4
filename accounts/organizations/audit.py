"""Lines of the audit log, written where things are done."""

import datetime as dt

from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.dispatch import receiver

from accounts.models import AuditEntry, Organization, User
from moments import clock

What = AuditEntry.What


def record(
    organization: Organization,
    what: AuditEntry.What,
    about: str = "",
    *,
    by: User | None,
    now: dt.datetime | None = None,
) -> None:
    """Call it inside the transaction of what it tells. ``about`` is for people: a name, an address, a role."""
    AuditEntry.objects.create(
        organization=organization, at=now or clock.now(), by=by, what=what, about=about.replace("\x00", "")[:300]
    )


def _of_user(user: User, what: What) -> None:
    for organization in user.organizations.all():
        record(organization, what, by=user)


@receiver(authenticator_added)
def note_factor(sender, user, **_rest) -> None:
    _of_user(user, What.FACTOR_ADDED)


@receiver(authenticator_removed)
def note_no_factor(sender, user, **_rest) -> None:
    _of_user(user, What.FACTOR_REMOVED)
