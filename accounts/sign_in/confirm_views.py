"""The mailed link that confirms an address: looking at it changes nothing, *Continue* confirms and signs in here."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage, LoginStageController
from allauth.account.views import ConfirmEmailView
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.privacy.access_log import masked_email
from accounts.sign_in.entry_pages import no_cache_no_index
from accounts.sign_in.link_views import let_in


class ConfirmAddress(ConfirmEmailView):
    def logout_other_user(self, confirmation: Any) -> None:
        """Only *Continue* signs out whoever is signed in here."""
        if self.request.method == "POST":
            super().logout_other_user(confirmation)

    def get_context_data(self, **kwargs: Any) -> dict:
        context = super().get_context_data(**kwargs)
        return {**context, "masked": masked_email(context.get("email", ""))}

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Of an account that has no confirmed address yet, whoever has the mail is its owner, in whichever browser.

        The browser that signed up goes on with the password it has just given.
        """
        address = self.get_object().email_address
        if is_confirmed(address.user) or is_signing_up_here(self.request, address.user):
            return super().post(*args, **kwargs)
        return let_in(self.request, address.user, address.email, self.get_next_url() or "")


def is_confirmed(user: User) -> bool:
    return EmailAddress.objects.filter(user=user, verified=True).exists()


def is_signing_up_here(request: HttpRequest, user: User) -> bool:
    stage = LoginStageController.enter(request, EmailVerificationStage.key)
    return bool(stage and stage.login.user and stage.login.user.pk == user.pk)


confirm_address = no_cache_no_index(ConfirmAddress.as_view())
