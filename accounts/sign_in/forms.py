"""allauth's forms at the door, with fewer words and a way back that is kept."""

import secrets

from allauth.account.forms import LoginForm, ResetPasswordForm, SignupForm
from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from django.db import transaction
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.privacy.erasure import NOWHERE
from accounts.sign_in.entry_pages import with_next


class SignInForm(LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        then = get_next_redirect_url(self.request) if self.request else None
        reset = with_next("account_reset_password", then or "")
        self.fields["password"].help_text = format_html('<a href="{}">{}</a>', reset, _("Forgot your password?"))


class SignUpForm(SignupForm):
    def try_save(self, request):
        """An address that has an account costs as much as one that has none: the same work, of which nothing stays."""
        with transaction.atomic():
            if not self.account_already_exists:
                with transaction.atomic():
                    return super().try_save(request)
            self.save_nobody(request)
        return super().try_save(request)

    def save_nobody(self, request) -> None:
        """All that making an account takes, undone within a transaction that is committed as the other is."""
        known, self.account_already_exists = self.cleaned_data["email"], False
        self.cleaned_data["email"] = f"{secrets.token_hex(8)}{NOWHERE}"
        try:
            with transaction.atomic():
                nobody = self.save(request)
                EmailAddress.objects.filter(user=nobody, verified=True).exists()  # as the email that confirms does
                EmailAddress.objects.filter(user=nobody).first()
                User.objects.get(pk=nobody.pk)
                transaction.set_rollback(True)
        finally:
            self.cleaned_data["email"], self.account_already_exists = known, True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = _(
            "At least 12 characters. Four words that do not belong together are good."
        )


class ForgottenForm(ResetPasswordForm):
    def save(self, request, **kwargs):
        """An address that nobody has costs the look-up that the link of an account takes."""
        if not self.users:
            EmailAddress.objects.filter(user=None).first()
        return super().save(request, **kwargs)
