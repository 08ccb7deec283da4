"""Whose call is this? Keys, the addresses they may come from, and through which proxies."""

import datetime as dt
import ipaddress

from django.conf import settings
from django.db.models import Q

from accounts.models import ApiKey, App
from accounts.services import digest_of

USE_IS_NOTED_EVERY = dt.timedelta(minutes=1)


def find_key(secret: str, *, now: dt.datetime) -> ApiKey | None:
    """The key with this secret, with its app and organization; None for unknown, revoked and rolled-out ones alike."""
    if not secret.startswith("mk_") or len(secret) > 80:
        return None
    current = Q(expires_at=None) | Q(expires_at__gt=now)
    return (
        ApiKey.objects.filter(current, digest=digest_of(secret), revoked_at=None)
        .select_related("app__organization")
        .first()
    )


def note_use(key: ApiKey, *, now: dt.datetime) -> None:
    """Keeps ``last_used_at`` good to a minute, so that not every call writes."""
    if key.last_used_at is None or now - key.last_used_at >= USE_IS_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def client_address(request) -> str:
    """The peer's address; what ``X-Forwarded-For`` says counts only from ``TRUSTED_PROXIES``."""
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    while forwarded and is_within(address, settings.TRUSTED_PROXIES):
        address = forwarded.pop()
    return address


def may_call_from(app: App, address: str) -> bool:
    return not app.ip_allowlist or is_within(address, app.ip_allowlist)


def is_within(address: str, networks: list[str]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in ipaddress.ip_network(network, strict=False) for network in networks)
