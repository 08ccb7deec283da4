"""Requests to external fulfillment providers."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FulfillmentRequest(models.Model):
    """A request to an external provider: one row per order, claimed by a worker before it calls the provider.

    ``request_id`` is the order's number, sent to the provider with every attempt. ``unknown`` means that the outcome of
    the last call is not known: the provider is queried before anything is sent again. The gift is stored only in
    ``Order.encrypted_content``.
    """

    class Status(models.TextChoices):
        NEEDS_ATTENTION = "needs_attention", _("needs attention")
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being sent")
        UNKNOWN = "unknown", _("unanswered")
        ACCEPTED = "accepted", _("accepted")
        CANCELED = "canceled", _("canceled")

    MOVES = {
        Status.QUEUED: {Status.SENDING, Status.CANCELED},
        Status.SENDING: {Status.ACCEPTED, Status.UNKNOWN, Status.NEEDS_ATTENTION},
        Status.UNKNOWN: {Status.SENDING},
        Status.NEEDS_ATTENTION: {Status.UNKNOWN, Status.CANCELED},
        Status.ACCEPTED: set(),
        Status.CANCELED: set(),
    }

    order = models.ForeignKey("redemption.Order", models.PROTECT, related_name="fulfillment_requests")
    provider = models.CharField(_("provider"), max_length=20)
    request_id = models.CharField(
        _("request id"), max_length=14, unique=True, help_text=_("The same at every attempt: the order's number.")
    )
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    provider_reference = models.CharField(_("the provider's number"), max_length=100, blank=True)
    absent_at = models.DateTimeField(
        _("not there"),
        null=True,
        blank=True,
        help_text=_("When it last said, asked by an operator, that it has no such order."),
    )
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("queued"), default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)

    class Meta:
        verbose_name = _("fulfillment request")
        verbose_name_plural = _("fulfillment requests")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at"], name="fulfillment_due", condition=Q(status__in=["queued", "unknown"])),
            models.Index(fields=["claimed_at"], name="fulfillment_stuck", condition=Q(status="sending")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order"], name="fulfillment_once_per_order"),
            models.CheckConstraint(
                condition=Q(status="accepted", accepted_at__isnull=False)
                | (~Q(status="accepted") & Q(accepted_at__isnull=True)),
                name="fulfillment_accepted_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.provider}"
