"""Who signed in as somebody, or tried to: kept for the one whose account it is."""

import ipaddress
import logging
import re
from collections.abc import Mapping
from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authentication_failed
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import SignIn, User
from accounts.privacy.user_lock import try_lock_active_user
from moments import clock
from moments.web.client_addresses import UNKNOWN, client_address, read_address

security = logging.getLogger("moments.security")

BROWSERS = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
SYSTEMS = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")]
SYSTEMS += [("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")]


def shortened(address: str) -> str:
    """Enough to know a network by, too little to know a house: ``203.0.113.x``, ``2001:db8:7::``."""
    found = read_address(address)
    if found is None or found.is_unspecified:
        return ""
    if found.version == 4:
        return re.sub(r"\d+$", "x", str(found))
    return str(ipaddress.ip_network((found, 48), strict=False).network_address)


def device_of(agent: str) -> str:
    """``Firefox on Linux``; an empty text where the browser is not known."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " on ".join(part for part in (browser, system) if part)


def record_sign_in(user: User, request: HttpRequest | None, outcome: str) -> None:
    agent = request.headers.get("User-Agent", "") if request else ""
    address = shortened(client_address(request)) if request else ""
    device = device_of(agent.replace("\x00", ""))[:60]
    with transaction.atomic():
        if try_lock_active_user(user):
            SignIn.objects.create(user=user, occurred_at=clock.now(), outcome=outcome, address=address, device=device)


@receiver(user_logged_in)
def on_signed_in(sender: object, request: HttpRequest, user: User, **_rest: Any) -> None:
    record_sign_in(user, request, SignIn.Outcome.SUCCEEDED)


def plain_address(typed: str) -> str:
    return typed.strip().lower()[:254].replace("\x00", "")


def address_in(given: Mapping) -> str:
    return plain_address(str(given.get("email") or given.get("login") or given.get("username") or ""))


def normalized_login(request: HttpRequest, credentials: Mapping | None = None) -> str:
    """For django-axes, under which attempts are counted and kept: one address, in however many ways it is written."""
    return address_in(credentials or request.POST)


@receiver([user_login_failed, authentication_failed])
def log_failure(
    sender: object, request: HttpRequest | None = None, reauthentication: bool = False, **_rest: Any
) -> None:
    """One line with the whole address, for a program that blocks addresses (fail2ban). No other log has one."""
    if request is not None and not reauthentication:
        security.warning("Failed sign-in from %s", client_address(request) or UNKNOWN)


@receiver(user_login_failed)
def record_failed_sign_in(
    sender: object, credentials: Mapping, request: HttpRequest | None = None, **_rest: Any
) -> None:
    """Records nothing for an address without an account, or where the password was not checked."""
    if getattr(request, "is_turned_away", False):
        return
    user = User.objects.filter(email=address_in(credentials)).first()
    if user:
        User.objects.filter(pk=user.pk).exists()  # the library queries twice for an address without an account
        record_sign_in(user, request, SignIn.Outcome.FAILED)
    else:
        note_nothing()


def note_nothing() -> None:
    """What a note takes, undone: whether somebody has an address does not show in the time."""
    nobody = User(pk=0)
    with transaction.atomic():
        try_lock_active_user(nobody)
        with transaction.atomic():
            SignIn.objects.create(user=nobody, occurred_at=clock.now(), outcome=SignIn.Outcome.FAILED)
            transaction.set_rollback(True)


@receiver(user_locked_out)
def record_lockout(sender: object, request: HttpRequest | None = None, username: str = "", **_rest: Any) -> None:
    user = User.objects.filter(email=plain_address(str(username or ""))).first()
    if user:
        record_sign_in(user, request, SignIn.Outcome.LOCKED_OUT)


@receiver([password_changed, password_reset])
def record_new_password(sender: object, request: HttpRequest, user: User, **_rest: Any) -> None:
    record_sign_in(user, request, SignIn.Outcome.NEW_PASSWORD)
