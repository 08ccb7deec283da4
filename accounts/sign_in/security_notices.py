"""Tells the owner of an account about every change of how it is signed in to, at all addresses it had before."""

from typing import Any

from allauth.account import signals as of_account
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa import signals as of_mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as of_providers
from allauth.socialaccount.models import SocialLogin
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.sign_in.sign_in_log import device_of, shortened
from moments.registry import absolute

CHANGES = {
    "email_added": _("The email address %(about)s was added."),
    "email_removed": _("The email address %(about)s was removed."),
    "email_changed": _("You now sign in with %(about)s."),
    "password_changed": _("The password was changed."),
    "password_set": _("A password was set."),
    "password_reset": _("The password was reset with an emailed link."),
    "provider_connected": _("An account with %(about)s was connected. It can now sign in."),
    "provider_disconnected": _("The account with %(about)s was disconnected."),
    "app_added": _("An authenticator app was added as a second step."),
    "app_removed": _("The authenticator app was removed."),
    "passkey_added": _("A passkey was added."),
    "passkey_renamed": _("A passkey was renamed."),
    "passkey_removed": _("A passkey was removed."),
    "codes_renewed": _("New recovery codes were created. The old codes no longer work."),
    "codes_removed": _("The recovery codes were removed."),
    "by_operator": _("Our support team changed how you sign in."),
}
ADDED = {Authenticator.Type.TOTP.value: "app_added", Authenticator.Type.WEBAUTHN.value: "passkey_added"}
REMOVED = {
    Authenticator.Type.TOTP.value: "app_removed",
    Authenticator.Type.WEBAUTHN.value: "passkey_removed",
    Authenticator.Type.RECOVERY_CODES.value: "codes_removed",
}


def notify_owner(
    user: User, change: str, *, about: str = "", request: HttpRequest | None = None, also: tuple[str, ...] = ()
) -> None:
    """To every confirmed address of ``user``, and to ``also``: those that were theirs until now."""
    known = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    with translation.override(user.language or translation.get_language() or "en"):
        context = {
            "change": CHANGES[change] % {"about": about},
            "device": device_of(request.headers.get("User-Agent", "")) if request else "",
            "network": shortened(get_adapter(request).get_client_ip(request)) if request else "",
            "reset_url": absolute("account_reset_password"),
            "security_url": absolute("accounts:security"),
        }
        for address in dict.fromkeys([*known, *also]):
            get_adapter(request).render_mail("account/email/account_changed", address, context).send()


@receiver(of_account.email_added)
def tell_of_added_address(
    sender: object, request: HttpRequest, user: User, email_address: EmailAddress, **_rest: Any
) -> None:
    notify_owner(user, "email_added", about=email_address.email, request=request)


@receiver(of_account.email_removed)
def tell_of_removed_address(
    sender: object, request: HttpRequest, user: User, email_address: EmailAddress, **_rest: Any
) -> None:
    also = (email_address.email,) if email_address.verified else ()
    notify_owner(user, "email_removed", about=email_address.email, request=request, also=also)


@receiver(of_account.email_changed)
def tell_of_new_login(
    sender: object, request: HttpRequest, user: User, to_email_address: EmailAddress, **_rest: Any
) -> None:
    notify_owner(user, "email_changed", about=to_email_address.email, request=request)


@receiver(of_account.password_changed)
def tell_of_changed_password(sender: object, request: HttpRequest, user: User, **_rest: Any) -> None:
    notify_owner(user, "password_changed", request=request)


@receiver(of_account.password_set)
def tell_of_first_password(sender: object, request: HttpRequest, user: User, **_rest: Any) -> None:
    notify_owner(user, "password_set", request=request)


@receiver(of_account.password_reset)
def tell_of_reset_password(sender: object, request: HttpRequest, user: User, **_rest: Any) -> None:
    notify_owner(user, "password_reset", request=request)


@receiver(of_providers.social_account_added)
def tell_of_connected_provider(sender: object, request: HttpRequest, sociallogin: SocialLogin, **_rest: Any) -> None:
    name = sociallogin.account.get_provider().name
    notify_owner(sociallogin.user, "provider_connected", about=name, request=request)


@receiver(of_mfa.authenticator_added)
def tell_of_second_factor(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any
) -> None:
    """Not of recovery codes: the first ones come with another second factor."""
    if authenticator.type in ADDED:
        notify_owner(user, ADDED[authenticator.type], request=request)


@receiver(of_mfa.authenticator_removed)
def tell_of_removed_second_factor(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any
) -> None:
    """Not of recovery codes: the last second factor takes them along."""
    if authenticator.type in ADDED:
        notify_owner(user, REMOVED[authenticator.type], request=request)


@receiver(of_mfa.authenticator_reset)
def tell_of_new_codes(sender: object, request: HttpRequest, user: User, **_rest: Any) -> None:
    notify_owner(user, "codes_renewed", request=request)
