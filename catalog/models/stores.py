"""Marketplaces: where they deliver, their categories, their tax rates and exchange rates."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moments.names import NameField


class DeliveryCountry(models.Model):
    """A country rewards are delivered to. Kept by operators."""

    code = models.CharField(_("country"), max_length=2, primary_key=True, help_text=_("ISO 3166-1, two letters."))
    is_served = models.BooleanField(_("served"), default=True)

    class Meta:
        verbose_name = _("delivery country")
        verbose_name_plural = _("delivery countries")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Marketplace(models.Model):
    """A national store: one currency, the countries it serves, its shipping rule."""

    code = models.CharField(_("code"), max_length=2, primary_key=True)
    name = NameField(_("name"), max_length=80)
    currency = models.CharField(_("currency"), max_length=3)
    language = models.CharField(_("language"), max_length=10, default="en")
    prices_include_tax = models.BooleanField(_("prices include tax"), default=False)
    free_shipping_from_cents = models.BigIntegerField(_("free shipping from"), help_text=_("Minor units."))
    flat_shipping_cents = models.BigIntegerField(_("flat shipping below that"), help_text=_("Minor units."))
    delivery_days = models.PositiveSmallIntegerField(
        _("days on the way"),
        default=7,
        help_text=_("After which a parcel has usually arrived. Customers read it."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        help_text=_("Customers see times in it until their browser says where they are."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    countries = models.ManyToManyField(DeliveryCountry, verbose_name=_("delivers to"), related_name="marketplaces")

    class Meta:
        verbose_name = _("marketplace")
        verbose_name_plural = _("marketplaces")
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(free_shipping_from_cents__gte=0, flat_shipping_cents__gte=0),
                name="marketplace_shipping_not_negative",
            )
        ]

    def __str__(self) -> str:
        """In the language of the page, if the name is one that is shipped."""
        return gettext(self.name) if self.name else ""


class Category(models.Model):
    """A category of the catalog, in every marketplace."""

    slug = models.SlugField(_("short name"), unique=True)
    name = NameField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        """In the language of the page, if the name is one that is shipped."""
        return gettext(self.name) if self.name else ""


class TaxRate(models.Model):
    """The tax of a marketplace's goods at a destination. Empty country: what a CPA is suggested with, and elsewhere."""

    marketplace = models.ForeignKey(Marketplace, models.CASCADE, related_name="tax_rates")
    country = models.CharField(_("country"), max_length=2, blank=True)
    region = models.CharField(_("state or province"), max_length=40, blank=True)
    rate = models.DecimalField(_("rate"), max_digits=7, decimal_places=5, help_text=_("0.10000 is 10 %."))
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["marketplace", "country", "region", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "country", "region", "valid_from"], name="tax_rate_once"),
            models.CheckConstraint(condition=models.Q(rate__gte=0, rate__lt=1), name="tax_rate_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.marketplace_id} {self.country} {self.region} {self.rate:%}"


class ExchangeRate(models.Model):
    """What one unit of a currency costs in US dollars from a date on."""

    currency = models.CharField(_("currency"), max_length=3)
    usd = models.DecimalField(_("US dollars for one"), max_digits=18, decimal_places=8)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="exchange_rate_once"),
            models.CheckConstraint(condition=models.Q(usd__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.usd} USD"
