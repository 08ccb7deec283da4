"""Units that are reserved during the checkout."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from redemption.models.addresses import AddressColumns


class Reservation(AddressColumns):
    """A unit taken from stock during the checkout, with its terms and address.

    ``number`` becomes the order's number and is the reference of the stock move. The row exists as long as the
    reservation: placing the order deletes it, and so does the sweep, which returns the unit.
    """

    reward = models.OneToOneField("rewards.Reward", models.PROTECT, related_name="reservation")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reservations")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="reservations")
    size = models.ForeignKey("catalog.ProductSize", models.PROTECT, null=True, related_name="+")
    substitute_for = models.ForeignKey("catalog.Product", models.PROTECT, null=True, related_name="+")
    value_cents = models.BigIntegerField(_("value"), help_text=_("What it counts for while it is held."))
    number = models.CharField(_("number"), max_length=14, unique=True)
    held_at = models.DateTimeField(_("held since"))
    held_until = models.DateTimeField(_("held until"), db_index=True)

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ["held_until"]

    def __str__(self) -> str:
        return f"{self.product}, {self.number}"

    @property
    def currency(self) -> str:
        return self.product.currency
