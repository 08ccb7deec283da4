"""Appeals against refused claims."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Appeal(models.Model):
    """An appeal of a customer. ``found`` are the exceeded limits, for operators only: ``[{"kind": "device", "count": 3,
    "limit": 3}]``.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ALLOWED = "allowed", _("allowed")
        DECLINED = "declined", _("declined")

    MOVES = {Status.OPEN: {Status.ALLOWED, Status.DECLINED}, Status.ALLOWED: set(), Status.DECLINED: set()}

    reward = models.ForeignKey("rewards.Reward", models.CASCADE, related_name="appeals")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="appeals")
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    text = models.TextField(_("what the customer says"), max_length=2000)
    found = models.JSONField(default=list)
    language = models.CharField(max_length=10, default="en")
    opened_at = models.DateTimeField(_("asked"))
    decided_at = models.DateTimeField(_("answered"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("answered by")
    )
    answer = models.TextField(_("answer"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["-opened_at"]
        indexes = [models.Index(fields=["customer", "opened_at"], name="appeal_by_customer")]
        constraints = [
            models.UniqueConstraint(fields=["reward", "customer"], condition=Q(status="open"), name="appeal_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
