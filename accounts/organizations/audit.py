"""Lines of the audit log, written where things are done."""

import datetime as dt
from typing import Any

from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.dispatch import receiver

from accounts.models import AuditEntry, Organization, User
from moments import clock

AuditEvent = AuditEntry.Event


def record(
    organization: Organization,
    event: AuditEntry.Event,
    about: str = "",
    *,
    by: User | None,
    now: dt.datetime | None = None,
) -> None:
    """Call it inside the transaction of what it tells. ``about`` is for people: a name, an address, a role."""
    AuditEntry.objects.create(
        organization=organization,
        occurred_at=now or clock.now(),
        actor=by,
        event=event,
        about=about.replace("\x00", "")[:300],
    )


def _of_user(user: User, event: AuditEvent) -> None:
    for organization in user.organizations.all():
        record(organization, event, by=user)


@receiver(authenticator_added)
def note_factor(sender: object, user: User, **_rest: Any) -> None:
    _of_user(user, AuditEvent.FACTOR_ADDED)


@receiver(authenticator_removed)
def note_no_factor(sender: object, user: User, **_rest: Any) -> None:
    _of_user(user, AuditEvent.FACTOR_REMOVED)
