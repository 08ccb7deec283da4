"""How sign-in (django-allauth) behaves here."""

from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from django.utils.http import url_has_allowed_host_and_scheme


def is_local_path(url: str | None) -> bool:
    """A path on this host and nothing else."""
    return url is not None and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


class AccountAdapter(DefaultAccountAdapter):
    def is_safe_url(self, url):
        return is_local_path(url)

    def get_email_confirmation_url(self, request, emailconfirmation):
        """Carries where to return, so that confirming in another browser leads back to the same page too."""
        url = super().get_email_confirmation_url(request, emailconfirmation)
        then = request.POST.get("next") or request.GET.get("next") if request else None
        return f"{url}?{urlencode({'next': then})}" if is_local_path(then) else url
