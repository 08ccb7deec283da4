"""How sign-in (django-allauth) behaves here."""

from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

MOST_CHARACTERS = 254  # of an e-mail address


def is_local_path(url: str | None) -> bool:
    """A path on this host and nothing else."""
    return url is not None and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


class AccountAdapter(DefaultAccountAdapter):
    def is_safe_url(self, url):
        return is_local_path(url)

    def clean_email(self, email):
        email = super().clean_email(email)
        if len(email) > MOST_CHARACTERS:
            message = _("This address has %(given)d characters; at most %(most)d are possible.")
            raise ValidationError(message % {"given": len(email), "most": MOST_CHARACTERS})
        return email

    def get_email_confirmation_url(self, request, emailconfirmation):
        """Carries where to return, so that confirming in another browser leads back to the same page too."""
        url = super().get_email_confirmation_url(request, emailconfirmation)
        then = request.POST.get("next") or request.GET.get("next") if request else None
        return f"{url}?{urlencode({'next': then})}" if is_local_path(then) else url
