"""Checks of settings for `check --deploy`."""

import os
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from moments.integrations.outbound_guard import is_safe

SMTP_SCHEMES = {"smtp", "smtps"}
TOGETHER = [  # set all names of a group, or none
    ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"),
    ("AMAZON_PARTNER_ID", "AMAZON_ACCESS_KEY", "AMAZON_SECRET_KEY"),
    ("MOMENTS_OIDC_ISSUER", "MOMENTS_OIDC_CLIENT_ID", "MOMENTS_OIDC_SECRET"),
    ("MOMENTS_AMAZON_CLIENT_ID", "MOMENTS_AMAZON_SECRET"),
]
CALLED = ("STRIPE_API_BASE", "STRIPE_JS", "TREMENDOUS_BASE_URL", "AMAZON_GIFT_CODES_URL")
MODES = ("live", "test")


def check_settings(app_configs: object, **options: Any) -> list[checks.CheckMessage]:
    return [checks.Error(problem, id="moments.E002") for problem in setting_problems()]


def setting_problems() -> list[str]:
    return [*_of_smtp(), *_of_proxies(), *_of_pairs(), *_of_modes(), *_of_urls(), *_of_addresses()]


def _of_smtp() -> list[str]:
    if not settings.SMTP_URL:
        return []
    takes = "SMTP_URL takes smtp://user:password@host:587?tls=1 or smtps://user:password@host:465"
    try:
        parts = urlsplit(settings.SMTP_URL)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return [f"{takes}; this is no URL."]
    if parts.scheme not in SMTP_SCHEMES:
        return [f"{takes}; its scheme is {parts.scheme!r}."]
    return [] if host else [f"{takes}; it names no host."]


def _of_proxies() -> list[str]:
    message = "TRUSTED_PROXIES has {!r}; it takes addresses and networks, such as 10.0.0.7 or 10.0.0.0/8."
    return [message.format(text) for text in settings.TRUSTED_PROXIES if not _is_network(text)]


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _of_pairs() -> list[str]:
    found = []
    for names in TOGETHER:
        missing = [name for name in names if not _value(name)]
        if missing and len(missing) < len(names):
            given = [name for name in names if name not in missing]
            found.append(f"{' and '.join(given)} is set without {' and '.join(missing)}; set all of them, or none.")
    return found


def _of_modes() -> list[str]:
    """Report a live Stripe secret key with a test publishable key, or the reverse."""
    modes = {_mode(settings.STRIPE_SECRET_KEY), _mode(settings.STRIPE_PUBLISHABLE_KEY)} - {""}
    message = (
        "STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY are not of the same mode: one is live, the other a test key."
    )
    return [message] if len(modes) > 1 else []


def _mode(key: str) -> str:
    return next((mode for mode in MODES if f"k_{mode}_" in key[:8]), "")


def _of_urls() -> list[str]:
    return [
        f"{name} is {_value(name)!r}; it takes an https:// address."
        for name in CALLED
        if _value(name) and not is_safe(_value(name))
    ]


def _of_addresses() -> list[str]:
    try:
        validate_email(settings.OPERATOR_EMAIL)
    except ValidationError:
        return [f"MOMENTS_OPERATOR_EMAIL is {settings.OPERATOR_EMAIL!r}; it takes an email address."]
    return []


def _value(name: str) -> str:
    return str(getattr(settings, name, "") or os.environ.get(name, "")).strip()
