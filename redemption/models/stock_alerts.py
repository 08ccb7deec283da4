"""Back-in-stock alerts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BackInStockAlert(models.Model):
    """A request for one email when the product is back in stock, while the reward can be used."""

    reward = models.ForeignKey("rewards.Reward", models.CASCADE, related_name="wishes")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="wishes")
    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="wishes")
    language = models.CharField(max_length=10, default="en")
    asked_at = models.DateTimeField(_("asked"))
    notified_at = models.DateTimeField(_("notified"), null=True, blank=True)

    class Meta:
        verbose_name = _("back-in-stock alert")
        verbose_name_plural = _("back-in-stock alerts")
        ordering = ["asked_at", "id"]
        indexes = [models.Index(fields=["product"], name="wish_open", condition=Q(notified_at=None))]
        constraints = [
            models.UniqueConstraint(fields=["reward", "product"], condition=Q(notified_at=None), name="wish_open_once")
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.product}"
