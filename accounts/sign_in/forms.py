"""allauth's sign-in and sign-up forms, with shorter texts, which remember where to return."""

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm, SignupForm
from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.sign_in.entry_pages import with_next
from accounts.sign_in.service import sign_up


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        then = get_next_redirect_url(self.request) if self.request else None
        reset = with_next("account_reset_password", then or "")
        self.fields["password"].help_text = format_html('<a href="{}">{}</a>', reset, _("Forgot your password?"))


class SignUpForm(SignupForm):
    def try_save(self, request: HttpRequest) -> tuple:
        """An address that has an account costs as much as one that has none: the same work, of which nothing stays."""
        return sign_up(self, request, super().try_save)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = _(
            "At least 12 characters. Four words that do not belong together are good."
        )


class ForgottenForm(ResetPasswordForm):
    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Makes the same queries for an address without an account, so that both take as long."""
        if not self.users:
            EmailAddress.objects.filter(user=None).first()
        return super().save(request, **kwargs)
