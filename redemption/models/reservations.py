"""Units that are held while somebody checks out."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from redemption.models.addresses import AddressColumns


class Reservation(AddressColumns):
    """A unit that was taken from the shelf for the review of an order: what was chosen, on which terms, where it goes.

    ``number`` is the number that the order will have, and the reference under which the unit was taken. The row is
    there for as long as the unit is held: the order consumes it, the sweep puts the unit back.
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
