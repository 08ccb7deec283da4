"""What prices and stock were, line by line."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.products import Product, ProductSize
from moments.money import display


class PriceChange(models.Model):
    """What a product sold for from an instant on. Append-only."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="price_changes")
    price_cents = models.BigIntegerField(_("selling price"))
    occurred_at = models.DateTimeField(_("from"))

    class Meta:
        verbose_name = _("price change")
        verbose_name_plural = _("price changes")
        ordering = ["-occurred_at", "-id"]
        indexes = [models.Index(fields=["product", "occurred_at"], name="price_change_by_time")]

    def __str__(self) -> str:
        return f"{self.product} {display(self.price_cents, self.currency)}"

    @property
    def currency(self) -> str:
        return self.product.currency


class StockMove(models.Model):
    """Units taken (negative), put back or brought in. Append-only; adds up to ``Product.stock``, and of a size to its
    own."""

    class Reason(models.TextChoices):
        DELIVERY = "delivery", _("delivery")
        ORDER = "order", _("order")
        RETURN = "return", _("put back")
        COUNT = "count", _("count")

    product = models.ForeignKey(Product, models.PROTECT, related_name="stock_moves")
    size = models.ForeignKey(
        ProductSize, models.PROTECT, null=True, blank=True, related_name="stock_moves", verbose_name=_("size")
    )
    units = models.IntegerField(_("units"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    occurred_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "reason", "reference"], condition=~models.Q(reference=""), name="stock_move_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.units:+d} {self.product}"
