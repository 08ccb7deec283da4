"""Products, their sizes, pictures and substitutes."""

from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from catalog.models.stores import Category, Marketplace
from catalog.renditions import srcset_of, url_at
from moments.names import NameField


def _stock_in_words(units: int) -> str:
    """For customers, who never read a number: whoever owns the product could count redemptions with it."""
    return gettext("In stock") if units >= 1 else gettext("Sold out")


class ProductQuerySet(models.QuerySet["Product"]):
    def in_stock(self) -> Self:
        """What can be sent now. What is made to order always can."""
        return self.filter(models.Q(stock__gte=1) | models.Q(kind=Product.Kind.MADE_TO_ORDER))

    def offered_to(self, organization: Organization) -> Self:
        """What a developer may choose: what the store offers, and the organization's own products among that."""
        return self.filter(models.Q(own_of=None) | models.Q(own_of=organization), is_offered=True)

    def curated(self, marketplace: Marketplace, category: Any) -> Self:
        """What a category reward may be spent on."""
        return self.filter(
            marketplace=marketplace, category=category, is_offered=True, is_curated=True, own_of=None
        ).order_by("price_cents", "title", "pk")


class Product(models.Model):
    """Something a customer can be given, sold by one marketplace in its currency."""

    class Kind(models.TextChoices):
        PHYSICAL = "physical", _("physical")
        DIGITAL = "digital", _("digital")
        MADE_TO_ORDER = "made_to_order", _("made to order")

    class Fulfillment(models.TextChoices):
        WAREHOUSE = "warehouse", _("our people")
        GIFT_CODES = "gift_codes", _("Amazon gift codes")
        TREMENDOUS = "tremendous", "Tremendous"

    marketplace = models.ForeignKey(Marketplace, models.PROTECT, related_name="products")
    category = models.ForeignKey(Category, models.PROTECT, related_name="products")
    sku = models.CharField(_("SKU"), max_length=40, unique=True)
    title = NameField(_("title"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.PHYSICAL)
    list_price_cents = models.BigIntegerField(_("list price"), validators=[MinValueValidator(1)])
    price_cents = models.BigIntegerField(
        _("selling price"), validators=[MinValueValidator(1)], help_text=_("Minor units. Each change is kept.")
    )
    stock = models.IntegerField(_("in stock"), default=0)
    is_offered = models.BooleanField(_("offered"), default=True, help_text=_("Developers can choose it."))
    is_curated = models.BooleanField(_("curated"), default=True, help_text=_("Category rewards show it."))
    own_of = models.ForeignKey(
        "accounts.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("own product of"),
        related_name="own_products",
    )
    fulfillment = models.CharField(
        _("fulfilled by"),
        max_length=20,
        choices=Fulfillment.choices,
        default=Fulfillment.WAREHOUSE,
        help_text=_("People pick, pack and send. A provider delivers digital items as soon as they are ordered."),
    )
    picture = models.ImageField(
        _("picture"), upload_to="products/", blank=True, help_text=_("PNG or JPEG, the longer side 480 to 2400 pixels.")
    )
    picture_alt = models.CharField(
        _("what the picture shows"), max_length=200, blank=True, help_text=_("For those who cannot see it.")
    )
    translations = models.JSONField(
        _("texts in other languages"), default=dict, blank=True, help_text=_("Language → title and description.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(condition=models.Q(stock__gte=0), name="product_stock_not_negative"),
            models.CheckConstraint(
                condition=models.Q(price_cents__gt=0, list_price_cents__gt=0), name="product_price_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(fulfillment="warehouse") | models.Q(kind="digital"),
                name="product_provider_only_digital",
                violation_error_message=_("A provider delivers digital items only."),
            ),
        ]
        indexes = [models.Index(fields=["marketplace", "category", "price_cents"], name="product_by_value")]

    def __str__(self) -> str:
        """Its title in the language of the page."""
        return self._said("title")

    @property
    def currency(self) -> str:
        return self.marketplace.currency

    @property
    def local_description(self) -> str:
        """Its description in the language of the page."""
        return self._said("description")

    def _said(self, name: str) -> str:
        """A text that is not translated into that language stays in the original."""
        return self.translations.get(get_language() or "", {}).get(name) or getattr(self, name)

    @property
    def thumbnail_url(self) -> str:
        return url_at(self.picture, 240)

    @property
    def picture_srcset(self) -> str:
        return srcset_of(self.picture)

    def is_offered_to(self, organization_id: int) -> bool:
        """What ``offered_to`` finds, of one product."""
        return self.is_offered and self.own_of_id in (None, organization_id)

    @property
    def is_in_stock(self) -> bool:
        return self.stock >= 1 or self.kind == self.Kind.MADE_TO_ORDER

    @property
    def stock_in_words(self) -> str:
        """For a customer: in stock or sold out, never a number."""
        if self.kind == self.Kind.MADE_TO_ORDER:
            return gettext("Made for you")
        return _stock_in_words(self.stock)


class ProductSize(models.Model):
    """One size that a product comes in: ``L``, ``42``. A product that has any is ordered in one of them.

    On a shelf each size has a stock of its own, and ``Product.stock`` is their sum; what is made to order has none.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="sizes")
    label = NameField(_("size"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    stock = models.IntegerField(_("in stock"), default=0, editable=False)

    class Meta:
        verbose_name = _("size")
        verbose_name_plural = _("sizes")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "label"], name="product_size_once"),
            models.CheckConstraint(condition=models.Q(stock__gte=0), name="product_size_stock_not_negative"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_in_stock(self) -> bool:
        return self.stock >= 1 or self.product.kind == Product.Kind.MADE_TO_ORDER

    @property
    def stock_in_words(self) -> str:
        return _stock_in_words(self.stock)


class ProductPicture(models.Model):
    """One more picture of a product, after ``Product.picture``."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="pictures")
    image = models.ImageField(_("picture"), upload_to="products/")
    alt = models.CharField(_("what it shows"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=1)

    class Meta:
        verbose_name = _("further picture")
        verbose_name_plural = _("further pictures")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.alt

    @property
    def srcset(self) -> str:
        return srcset_of(self.image)


class ManualSubstitute(models.Model):
    """Named by operators: what is offered first where ``product`` is gone, in this order."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="equals")
    equal = models.ForeignKey(Product, models.CASCADE, related_name="+", verbose_name=_("offered instead"))
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    is_value_checked = models.BooleanField(
        _("value looked at"),
        default=False,
        help_text=_(
            "It may be worth less than the original, or more than a tenth above it. What it costs more is yours."
        ),
    )

    class Meta:
        verbose_name = _("manual substitute")
        verbose_name_plural = _("manual substitutes")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "equal"], name="product_equal_once"),
            models.CheckConstraint(condition=~models.Q(product=models.F("equal")), name="product_equal_is_another"),
        ]

    def __str__(self) -> str:
        return str(self.equal)
