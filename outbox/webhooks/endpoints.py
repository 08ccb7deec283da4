"""Webhook endpoints of an organization: URL, events, secrets, and whether they are active."""

import base64
import datetime as dt
import logging
import secrets
import socket
from typing import Any
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Member, Organization, User
from accounts.organizations.audit import AuditEvent, record
from accounts.organizations.recipients import people_responsible
from accounts.organizations.service import require_role
from moments.errors import RuleViolation
from moments.integrations.public_addresses import is_loopback, may_connect
from moments.lifecycle import advance
from moments.security.encryption import DecryptionError, decrypt, encrypt
from outbox.kinds import OPT_IN_EVENTS, PING, endpoint_event_types
from outbox.models import Event, WebhookDelivery, WebhookEndpoint
from outbox.service import queue_mail, record_event

logger = logging.getLogger(__name__)

PURPOSE = "webhook secret"
PREFIX = "whsec_"
ROLL_OVERLAP = dt.timedelta(hours=24)
MOST_ENDPOINTS = 50  # that members can add
MAX_URL, MAX_DESCRIPTION = 500, 120
NOT_SENT = "The endpoint was disabled."
Status, Reason = WebhookEndpoint.Status, WebhookEndpoint.Reason


# What an endpoint may be


def check_url(url: str) -> str:
    """Return the URL without surrounding space. Raises ``RuleViolation`` for one that is never called.

    Names are resolved when they are called, because they may point elsewhere then.
    """
    url = url.strip()
    parts = _split(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.WEBHOOK_LOOPBACK and _is_here(host)):
        raise _bad_url(_("The URL must start with https://."))
    if not host or len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        message = _("This is not a URL of at most %d ASCII characters, such as https://example.com/webhooks.")
        raise _bad_url(message % MAX_URL)
    if parts.username is not None or parts.password is not None:
        raise _bad_url(_("The URL must not contain a username or password. Verify the signature instead."))
    if parts.fragment:
        raise _bad_url(_("The URL must not contain a fragment (#…)."))
    if not all(may_connect(address) for address in _literal_addresses(host)):
        raise _bad_url(_("%s is not a public address.") % host)
    return url


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _checked = parts.hostname, parts.port
    except ValueError:
        raise _bad_url(_("This is not a URL, such as https://example.com/webhooks.")) from None
    return parts


def _bad_url(message: str) -> RuleViolation:
    return RuleViolation("invalid_request", message, field="url")


def _is_here(host: str) -> bool:
    return host == "localhost" or is_loopback(host)


def _literal_addresses(host: str) -> list[str]:
    """Return the address that ``host`` spells, in any of the spellings that the system reads; empty for a name."""
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1"]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [str(info[4][0]) for info in found]


def check_event_types(chosen: list[str]) -> list[str]:
    """Return the types sorted, each once. Raises ``RuleViolation`` for an unknown one."""
    known = endpoint_event_types()
    if unknown := sorted(set(chosen) - set(known)):
        message = _("“%(unknown)s” is not an event; choose from %(known)s.")
        raise RuleViolation(
            "invalid_request", message % {"unknown": unknown[0], "known": ", ".join(known)}, field="event_types"
        )
    return sorted(set(chosen))


# Secrets


def _new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def live_secrets(endpoint: WebhookEndpoint, *, now: dt.datetime) -> list[str]:
    """Return the secrets that sign now: the current one first, then the former one while it is being rolled.

    Those that were sealed with a key that is gone are left out; a member can roll them.
    """
    sealed = [endpoint.sealed_secret]
    if endpoint.former_secret_expires_at and endpoint.former_secret_expires_at > now:
        sealed.append(endpoint.sealed_former_secret)
    found = []
    for text in sealed:
        try:
            found.append(decrypt(text, purpose=PURPOSE))
        except DecryptionError:
            logger.error("A secret of webhook endpoint %s was sealed with another key.", endpoint.pk)
    return found


# Changes


def create_endpoint(
    organization: Organization,
    *,
    url: str,
    event_types: list[str] | None = None,
    description: str = "",
    by: Member | None,
    now: dt.datetime,
) -> tuple[WebhookEndpoint, str]:
    """Return the endpoint and its secret, which is shown once. Without ``event_types``: all but the opt-in ones."""
    _require(by)
    secret = _new_secret()
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        if by and organization.webhook_endpoints.count() >= MOST_ENDPOINTS:
            message = _("An organization can have at most %d endpoints; change one that you no longer need.")
            raise RuleViolation("too_many_endpoints", message % MOST_ENDPOINTS)
        endpoint = WebhookEndpoint.objects.create(
            organization=organization,
            url=check_url(url),
            event_types=check_event_types(event_types or []),
            description=description.strip()[:MAX_DESCRIPTION],
            sealed_secret=encrypt(secret, purpose=PURPOSE),
            created_by=by.user if by else None,
            created_at=now,
        )
        record(organization, AuditEvent.WEBHOOK_ADDED, endpoint.url, by=_user(by), now=now)
    return endpoint, secret


def _require(by: Member | None) -> None:
    """Refuse members who may not edit. None is a command on the server."""
    if by is not None:
        require_role(by, *Member.EDITORS)


def _user(by: Member | None) -> User | None:
    return by.user if by else None


def change_endpoint(
    endpoint: WebhookEndpoint, *, url: str, event_types: list[str], description: str, by: Member, now: dt.datetime
) -> None:
    _require(by)
    changes: dict[str, Any] = {
        "url": check_url(url),
        "event_types": check_event_types(event_types),
        "description": description.strip()[:MAX_DESCRIPTION],
    }
    with transaction.atomic():
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**changes)
        record(endpoint.organization, AuditEvent.WEBHOOK_CHANGED, changes["url"], by=by.user, now=now)
    endpoint.refresh_from_db()


def roll_secret(endpoint: WebhookEndpoint, *, by: Member, now: dt.datetime) -> str:
    """Return a new secret. Deliveries are signed with both for 24 hours; an even older one ends at once."""
    _require(by)
    secret = _new_secret()
    with transaction.atomic():
        locked = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
        locked.sealed_former_secret = locked.sealed_secret
        locked.former_secret_expires_at = now + ROLL_OVERLAP
        locked.sealed_secret = encrypt(secret, purpose=PURPOSE)
        locked.save(update_fields=["sealed_former_secret", "former_secret_expires_at", "sealed_secret"])
        record(endpoint.organization, AuditEvent.WEBHOOK_ROLLED, endpoint.url, by=by.user, now=now)
    endpoint.refresh_from_db()
    return secret


def disable_endpoint(
    endpoint: WebhookEndpoint, *, reason: str = Reason.MEMBER, by: Member | None = None, now: dt.datetime
) -> None:
    """Stop sending. What was pending fails; a member can send it again. If no member did it, members are emailed."""
    _require(by)
    with transaction.atomic():
        advance(endpoint, Status.DISABLED, disabled_at=now, disabled_reason=reason)
        pending = WebhookDelivery.objects.filter(endpoint=endpoint, status=WebhookDelivery.Status.PENDING)
        pending.update(status=WebhookDelivery.Status.FAILED, finished_at=now, last_error=NOT_SENT)
        record(endpoint.organization, AuditEvent.WEBHOOK_DISABLED, endpoint.url, by=_user(by), now=now)
        if reason != Reason.MEMBER:
            _mail_disabled(endpoint, now)


def _mail_disabled(endpoint: WebhookEndpoint, now: dt.datetime) -> None:
    for user in people_responsible(endpoint.organization_id, maker_id=endpoint.created_by_id):
        queue_mail(
            "webhook_disabled",
            to_email=user.email,
            user=user,
            context={"endpoint": str(endpoint.pk)},
            dedupe_key=f"webhook_disabled:{endpoint.pk}:{now.isoformat()}:{user.pk}",
            now=now,
        )


def enable_endpoint(endpoint: WebhookEndpoint, *, by: Member, now: dt.datetime) -> None:
    _require(by)
    with transaction.atomic():
        advance(endpoint, Status.ACTIVE, disabled_at=None, disabled_reason="", failing_since=None)
        record(endpoint.organization, AuditEvent.WEBHOOK_ENABLED, endpoint.url, by=by.user, now=now)


def send_test_event(endpoint: WebhookEndpoint, *, by: Member, now: dt.datetime) -> Event:
    """Record a test event, which is sent to this endpoint alone, whatever events it chose."""
    _require(by)
    if endpoint.status != Status.ACTIVE:
        raise RuleViolation("endpoint_disabled", _("This endpoint is disabled. Enable it first."))
    event = record_event(endpoint.organization, PING, {"endpoint": str(endpoint.pk)}, now=now)
    if event is None:
        raise AssertionError("An event without a dedupe key is always recorded.")
    return event


# Who wants what


def is_wanted(organization_id: int, type: str) -> bool:
    """Return whether an active endpoint of the organization receives events of this type.

    Writers of opt-in events skip those that nobody wants.
    """
    wants = Q(event_types__contains=[type])
    if type not in OPT_IN_EVENTS:
        wants |= Q(event_types=[])
    return WebhookEndpoint.objects.filter(wants, organization_id=organization_id, status=Status.ACTIVE).exists()


def endpoint_of(organization: Organization, pk: UUID) -> WebhookEndpoint:
    return organization.webhook_endpoints.get(pk=pk)
