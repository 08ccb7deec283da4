"""Links that are mailed and sign in whoever opens them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class SignInLink(models.Model):
    """Good once and for a while. Without a user: nobody had the address, and using the link creates an account with it.

    Without an address either, the link is good for nothing: its account was erased at the same moment. The secret is
    stored as a digest.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    email = models.EmailField(max_length=254, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    then = models.CharField(max_length=500, blank=True, help_text=_("Path of the page to come back to."))
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    class Meta:
        verbose_name = _("link to sign in")
        verbose_name_plural = _("links to sign in")

    def __str__(self) -> str:
        return self.email
