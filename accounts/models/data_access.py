"""Which customer's data staff have looked at."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class DataAccessLog(models.Model):
    """Somebody of the staff saw a customer's personal data. Append-only: a trigger refuses UPDATE and DELETE.

    ``object_type`` and ``object_id`` say which row was shown; of a list ``object_id`` is empty.
    """

    class Purpose(models.TextChoices):
        REASON = "reason", _("for the reason given")
        FULFILLMENT = "fulfillment", _("to pack and send")

    occurred_at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose.choices, default=Purpose.REASON)
    reason = models.CharField(_("reason"), max_length=300)
    object_type = models.CharField(_("what"), max_length=80)
    object_id = models.CharField(_("number"), max_length=64, blank=True)
    customer = models.ForeignKey(User, models.PROTECT, null=True, related_name="accesses", verbose_name=_("whose"))
    address = models.CharField(_("from"), max_length=45, blank=True)

    class Meta:
        verbose_name = _("data access")
        verbose_name_plural = _("data access log")
        ordering = ["-occurred_at", "-id"]
        indexes = [
            models.Index(fields=["occurred_at"], name="look_by_time"),
            models.Index(fields=["customer", "-occurred_at"], name="look_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id}".strip()
