"""Operators who turned off the daily digest."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DigestOptOut(models.Model):
    """An operator who turned off the daily digest. All other operators receive it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    occurred_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("operator without the daily digest")
        verbose_name_plural = _("operators without the daily digest")

    def __str__(self) -> str:
        return str(self.user)
