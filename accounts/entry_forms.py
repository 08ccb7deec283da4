"""allauth's two forms at the door, with fewer words and a way back that is kept."""

from allauth.account.forms import LoginForm, SignupForm
from allauth.account.utils import get_next_redirect_url
from django.contrib.auth.hashers import make_password
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.doors import with_next


class SignInForm(LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        then = get_next_redirect_url(self.request) if self.request else None
        reset = with_next("account_reset_password", then or "")
        self.fields["password"].help_text = format_html('<a href="{}">{}</a>', reset, _("Forgot your password?"))


class SignUpForm(SignupForm):
    def try_save(self, request):
        """An address that has an account costs as much time as one that has none: most of it makes the password."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = _(
            "At least 12 characters. Four words that do not belong together are good."
        )
