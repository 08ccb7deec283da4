"""Shipping memberships."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Membership(models.Model):
    """Free two-day shipping between two dates, granted by operators."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shipping_memberships")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), help_text=_("The last day it holds."))
    granted_at = models.DateTimeField(_("granted"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="membership_dates_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.user} until {self.ends_on}"
