"""Substitutes offered for missing items."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Substitution(models.Model):
    """A substitute offered for an ordered item that was not in stock."""

    class Status(models.TextChoices):
        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    MOVES = {
        Status.OFFERED: {Status.ACCEPTED, Status.DECLINED},
        Status.ACCEPTED: set(),
        Status.DECLINED: set(),
    }

    order = models.ForeignKey("redemption.Order", models.CASCADE, related_name="substitutions")
    original = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    substitute = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OFFERED)
    dearer_cents = models.BigIntegerField(
        _("dearer by"), default=0, help_text=_("What it cost more than what it stands in for, when it was accepted.")
    )
    offered_at = models.DateTimeField(_("offered"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("substitution")
        verbose_name_plural = _("substitutions")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(status="offered"), name="substitution_open_once")
        ]

    def __str__(self) -> str:
        return f"{self.original} → {self.substitute}"

    @property
    def currency(self) -> str:
        return self.order.currency
