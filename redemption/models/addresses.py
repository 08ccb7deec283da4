"""Address columns and saved addresses."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from moments.names import LinesField, NameField


class AddressColumns(models.Model):
    """Columns of an address, named as in ``redemption.addresses.address.Address``."""

    recipient = NameField(_("full name"), max_length=120)
    street = LinesField(_("street address"), max_length=300, blank=True)
    city = NameField(_("city"), max_length=120, blank=True)
    city_area = NameField(_("district or neighborhood"), max_length=120, blank=True)
    region = NameField(_("state or province"), max_length=80, blank=True)
    postal_code = NameField(_("postal code"), max_length=20, blank=True)
    country = NameField(_("country"), max_length=2)
    phone = NameField(_("phone"), max_length=40, blank=True)

    class Meta:
        abstract = True


class SavedAddress(AddressColumns):
    """An address that a customer saved for later orders."""

    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_addresses")
    last_used_at = models.DateTimeField(_("last used"))

    class Meta:
        verbose_name = _("saved address")
        verbose_name_plural = _("saved addresses")
        ordering = ["-last_used_at", "-id"]

    def __str__(self) -> str:
        return f"{self.recipient}, {self.country}"
