"""Points that became rewards, and exchanges that a campaign refused."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from rewards.models.point_ledger import PointAccount, PointEvent
from rewards.models.points import PointTier
from rewards.models.reward import Reward


class PointExchange(models.Model):
    """Points turned into a reward, in one transaction. On a test ledger there is a preview, and no reward."""

    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="exchanges")
    tier = models.ForeignKey(PointTier, models.PROTECT, related_name="exchanges")
    reward = models.OneToOneField(Reward, models.PROTECT, null=True, blank=True, related_name="point_exchange")
    app = models.ForeignKey("accounts.App", models.PROTECT, related_name="+")
    test_ledger = models.PositiveIntegerField(_("test ledger"), default=0)
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    points = models.PositiveIntegerField(_("points"))
    event = models.ForeignKey(
        PointEvent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="exchanges",
        help_text=_("The event that caused an automatic exchange."),
    )
    is_automatic = models.BooleanField(_("automatic"), default=False)
    is_once = models.BooleanField(_("once per user"), default=False)
    occurred_at = models.DateTimeField(_("exchanged"))

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        constraints = [
            models.UniqueConstraint(fields=["app", "idempotency_key", "test_ledger"], name="point_exchange_once"),
            models.UniqueConstraint(
                fields=["account", "tier"], condition=Q(is_once=True), name="point_exchange_tier_once"
            ),
            models.CheckConstraint(
                condition=Q(test_ledger=0, reward__isnull=False) | Q(test_ledger__gt=0, reward=None),
                name="point_exchange_live_has_a_reward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} of {self.account}"


class PointEventEmail(models.Model):
    """Where to email about automatic exchanges that an event may still cause. Deleted once it can cause none."""

    event = models.OneToOneField(PointEvent, models.PROTECT, primary_key=True, related_name="email")
    email = models.EmailField(_("address"), max_length=254)
    available_at = models.DateTimeField(
        _("available from"), null=True, blank=True, help_text=_("Of the event's points. Empty: nothing was pending.")
    )
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("email address of a point event")
        verbose_name_plural = _("email addresses of point events")
        indexes = [
            models.Index(fields=["available_at"], name="point_event_email_due"),
            models.Index(fields=["received_at"], name="point_event_email_old"),
            models.Index(fields=["email"], name="point_event_email_by_address"),
        ]
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="point_event_email_lower_case")]

    def __str__(self) -> str:
        return f"{self.email} for {self.event_id}"


class StuckExchange(models.Model):
    """An automatic exchange that the campaign refused. It debits nothing and waits for a member of the organization."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("open")
        EXCHANGED = "exchanged", _("exchanged")
        DISMISSED = "dismissed", _("dismissed")

    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="stuck_exchanges")
    tier = models.ForeignKey(PointTier, models.PROTECT, related_name="stuck_exchanges")
    event = models.ForeignKey(PointEvent, models.PROTECT, related_name="stuck_exchanges")
    code = models.CharField(_("code"), max_length=60)
    reason = models.CharField(_("reason"), max_length=300)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    occurred_at = models.DateTimeField(_("since"))
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)

    class Meta:
        verbose_name = _("stuck exchange")
        verbose_name_plural = _("stuck exchanges")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "tier"], condition=Q(outcome="open"), name="stuck_exchange_open_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="open", resolved_at=None) | (~Q(outcome="open") & ~Q(resolved_at=None)),
                name="stuck_exchange_resolved_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier} for {self.account}"
