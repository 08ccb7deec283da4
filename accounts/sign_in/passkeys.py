"""Signing in with a passkey alone; passkeys' forms, which refuse what no browser sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.sign_in.entry_pages import with_next
from accounts.sign_in.security_notices import notify_owner


@contextmanager
def browsers_shape() -> Iterator[None]:
    """What the libraries trip over is refused like a wrong credential."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError, RecursionError):
        raise get_adapter().validation_error("incorrect_code") from None


class CredentialField(forms.JSONField):
    def to_python(self, value: Any) -> Any:
        with browsers_shape():
            return super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was refused is of no use to anybody."""
        return initial


class PasskeyForm(AddWebAuthnForm):
    """Adds one."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80, required=False)
    credential = CredentialField(widget=forms.HiddenInput)
    passwordless = forms.BooleanField(
        label=gettext_lazy("Sign in with it alone"),
        initial=True,
        required=False,
        help_text=gettext_lazy("Without a password. Untick it for a key that is only asked for after the password."),
    )

    def clean(self) -> dict[str, Any] | None:
        with browsers_shape():
            return super().clean()


class PasskeyNameForm(EditWebAuthnForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)

    def save(self) -> Authenticator:
        with transaction.atomic():
            found = super().save()
            notify_owner(found.user, "passkey_renamed", request=context.request)
        return found


class PasskeyAuthenticateForm(AuthenticateWebAuthnForm):
    """After the password."""

    credential = CredentialField(widget=forms.HiddenInput)

    def clean_credential(self) -> Any:
        with browsers_shape():
            return super().clean_credential()


class PasskeyReauthenticateForm(PasskeyAuthenticateForm, ReauthenticateWebAuthnForm):
    pass


class PasskeyLoginForm(PasskeyAuthenticateForm, LoginWebAuthnForm):
    """In place of the password."""


class PasskeyEntry(LoginWebAuthnView):
    """allauth's sign-in page. A refused passkey keeps the page that the user came from."""

    def form_invalid(self, form: Any) -> HttpResponse:
        messages.error(self.request, _("No account here knows this passkey. Sign in another way."))
        return redirect(with_next("account_login", get_next_redirect_url(self.request) or ""))


enter_with_passkey = PasskeyEntry.as_view()
