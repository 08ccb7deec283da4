"""Customers' payments for orders."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from moments.money import display


class OrderPayment(models.Model):
    """A payment for what an order costs beyond the credit, saved before the first call to Stripe.

    ``open``: begun, outcome unknown. ``paid``: confirmed by Stripe and its order placed, in one transaction.
    ``refunding``: to be refunded. ``refunded``: returned. ``ended``: nothing was paid.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("begun")
        PAID = "paid", _("paid")
        REFUNDING = "refunding", _("being refunded")
        REFUNDED = "refunded", _("refunded")
        ENDED = "ended", _("ended unpaid")

    MOVES = {
        Status.OPEN: {Status.PAID, Status.REFUNDING, Status.ENDED},
        Status.PAID: {Status.REFUNDING},
        Status.REFUNDING: {Status.REFUNDED},
        Status.REFUNDED: set(),
        Status.ENDED: set(),
    }

    reward = models.ForeignKey("rewards.Reward", models.PROTECT, related_name="order_payments")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="order_payments")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    order = models.ForeignKey("redemption.Order", models.PROTECT, null=True, related_name="payments")
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.OPEN)
    amount_cents = models.BigIntegerField(_("amount"), help_text=_("Minor units."))
    currency = models.CharField(_("currency"), max_length=3)
    language = models.CharField(max_length=10, default="en")
    intent_id = models.CharField(_("Stripe's number"), max_length=64, blank=True)
    begun_at = models.DateTimeField(_("begun"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    reason = models.CharField(_("why"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("payment of an order")
        verbose_name_plural = _("payments of orders")
        ordering = ["-begun_at", "-id"]
        indexes = [
            models.Index(fields=["begun_at"], name="order_payment_due", condition=Q(status__in=["open", "refunding"]))
        ]
        constraints = [
            models.UniqueConstraint(fields=["reward"], condition=Q(status="open"), name="order_payment_open_once"),
            models.UniqueConstraint(fields=["order"], name="order_payment_once_per_order"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="order_payment_of_something"),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(order__isnull=False), name="order_payment_paid_for_an_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{display(self.amount_cents, self.currency)}, {self.begun_at:%Y-%m-%d}"
