"""What the pages of signing in do in one transaction."""

import secrets
from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from accounts.privacy.erasure import NOWHERE
from accounts.sign_in.security_notices import notify_owner


def sign_up(form: Any, request: HttpRequest, save: Callable[[HttpRequest], tuple]) -> tuple:
    """What ``save`` answers: an account, or a mail to the owner of the one that has the address.

    Where the address has an account, the same work is done and undone first, so that both take as long.
    """
    with transaction.atomic():
        if not form.account_already_exists:
            with transaction.atomic():
                return save(request)
        save_nobody(form, request)
    return save(request)


def save_nobody(form: Any, request: HttpRequest) -> None:
    """All that making an account takes, undone within a transaction that is committed as the other is."""
    known, form.account_already_exists = form.cleaned_data["email"], False
    form.cleaned_data["email"] = f"{secrets.token_hex(8)}{NOWHERE}"
    try:
        with transaction.atomic():
            nobody = form.save(request)
            EmailAddress.objects.filter(user=nobody, verified=True).exists()  # as the email that confirms does
            EmailAddress.objects.filter(user=nobody).first()
            User.objects.get(pk=nobody.pk)
            transaction.set_rollback(True)
    finally:
        form.cleaned_data["email"], form.account_already_exists = known, True


def disconnect_provider(account: SocialAccount, *, name: str, request: HttpRequest) -> None:
    """The account elsewhere signs nobody in any more, and its owner hears of it."""
    with transaction.atomic():
        account.delete()
        notify_owner(account.user, "provider_disconnected", about=name, request=request)
