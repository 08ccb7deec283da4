"""Orders and their history."""

import datetime as dt
import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from catalog.pricing.shipping import ShippingKind
from redemption.models.addresses import AddressColumns

SENT_WITHIN = dt.timedelta(days=3)
TWO_DAY_SENT_WITHIN = dt.timedelta(days=1)
NUMBER_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0, 1, I or O, which are confused on the phone


def new_order_number() -> str:
    """Return a random order number such as ``7K3F-9QXD-M2PA``. A sequence would reveal the number of redemptions."""
    letters = [secrets.choice(NUMBER_ALPHABET) for _unused in range(12)]
    return "-".join("".join(letters[i : i + 4]) for i in (0, 4, 8))


class OrderQuerySet(models.QuerySet["Order"]):
    """Orders by the step they are waiting for. The warehouse handles only orders that come in parcels."""

    def in_parcels(self) -> Self:
        return self.exclude(product__kind=Product.Kind.DIGITAL)

    def to_pick(self) -> Self:
        return self.in_parcels().filter(status=Order.Status.PLACED, is_missing=False)

    def to_pack(self) -> Self:
        return self.in_parcels().filter(status=Order.Status.PICKED)

    def to_ship(self) -> Self:
        return self.in_parcels().filter(status=Order.Status.PACKED)

    def to_be_sent(self) -> Self:
        """Return all parcels that have not left the warehouse, except missing ones."""
        return self.in_parcels().filter(status__in=Order.IN_WAREHOUSE, is_missing=False)

    def missing(self) -> Self:
        return self.filter(status=Order.Status.PLACED, is_missing=True)

    def waiting_for_customers(self) -> Self:
        return self.filter(status=Order.Status.WAITING)

    def codes_to_enter(self) -> Self:
        """Return digital orders without an active provider request, whose code an operator enters."""
        nobody_asked = Q(fulfillment_requests=None) | Q(fulfillment_requests__status="canceled")
        return self.filter(
            nobody_asked, product__kind=Product.Kind.DIGITAL, status=Order.Status.PLACED, is_missing=False
        )

    def late(self, now: dt.datetime) -> Self:
        """Return unsent orders past their deadline, except those whose provider request needs attention.

        The time begins again when a substitution is decided.
        """
        is_old = Q(is_two_day=True, placed_at__lte=now - TWO_DAY_SENT_WITHIN) | Q(placed_at__lte=now - SENT_WITHIN)
        found = self.filter(is_old, status__in=Order.IN_WAREHOUSE)
        found = found.exclude(is_two_day=True, substitutions__decided_at__gt=now - TWO_DAY_SENT_WITHIN)
        found = found.exclude(is_two_day=False, substitutions__decided_at__gt=now - SENT_WITHIN)
        return found.exclude(fulfillment_requests__status="needs_attention")

    def at_providers(self, *states: str) -> Self:
        """Return orders whose provider request is in one of ``states``."""
        return self.filter(fulfillment_requests__status__in=states)


class OrderEvent(models.TextChoices):
    """Events of an order's history. ``redemption.orders.timeline`` has the texts for customers."""

    PLACED = "placed", _("placed")
    PICKED = "picked", _("picked")
    PACKED = "packed", _("packed")
    SHIPPED = "shipped", _("shipped")
    TRACKING_CHANGED = "tracking_changed", _("tracking changed")
    DELIVERED = "delivered", _("delivered")
    CANCELED = "canceled", _("canceled")
    REFUNDED = "refunded", _("refunded")
    MISSING = "missing", _("missing")
    NO_SUBSTITUTE = "no_substitute", _("no substitute found")
    SUBSTITUTE_OFFERED = "substitute_offered", _("substitute offered")
    SUBSTITUTE_ACCEPTED = "substitute_accepted", _("substitute accepted")
    SUBSTITUTE_DECLINED = "substitute_declined", _("substitute declined")
    SUBSTITUTE_SOLD_OUT = "substitute_sold_out", _("substitute sold out")
    ORIGINAL_BACK = "original_back", _("original back in stock")
    PROVIDER_CHECKED = "provider_checked", _("checked with the provider")
    ABSENT_AT_PROVIDER = "absent_at_provider", _("not found at the provider")
    ACCEPTED_TOO_LATE = "accepted_too_late", _("accepted too late by the provider")
    TAKEN_BACK = "taken_back", _("canceled at the provider")


class Order(AddressColumns):
    """An order of a customer, at the prices of the time it was placed."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        WAITING = "waiting", _("waiting for your answer")
        PICKED = "picked", _("picked")
        PACKED = "packed", _("packed")
        SHIPPED = "shipped", _("shipped")
        DELIVERED = "delivered", _("delivered")
        CANCELED = "canceled", _("canceled")
        REFUNDED = "refunded", _("refunded")

    MOVES = {
        Status.PLACED: {Status.WAITING, Status.PICKED, Status.SHIPPED, Status.CANCELED},
        Status.WAITING: {Status.PLACED, Status.CANCELED},
        Status.PICKED: {Status.PACKED, Status.SHIPPED, Status.CANCELED},
        Status.PACKED: {Status.SHIPPED, Status.CANCELED},
        Status.SHIPPED: {Status.DELIVERED, Status.REFUNDED},
        Status.DELIVERED: {Status.REFUNDED},
        Status.CANCELED: set(),
        Status.REFUNDED: set(),
    }
    IN_WAREHOUSE = (Status.PLACED, Status.PICKED, Status.PACKED)
    ENDED = (Status.CANCELED, Status.REFUNDED)
    IN_STAFF_WORDS = {Status.WAITING: _("waiting for the customer")}

    number = models.CharField(_("number"), max_length=14, unique=True, default=new_order_number, editable=False)
    reward = models.ForeignKey("rewards.Reward", models.PROTECT, related_name="orders")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="orders")
    size = models.CharField(_("size"), max_length=40, blank=True, help_text=_("As it was called when it was chosen."))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.PLACED)
    language = models.CharField(max_length=10, default="en")
    currency = models.CharField(_("currency"), max_length=3)
    item_cents = models.BigIntegerField(_("item"))
    shipping_cents = models.BigIntegerField(_("shipping"))
    tax_cents = models.BigIntegerField(_("tax"))
    credit_cents = models.BigIntegerField(_("promo credit used"))
    operator_paid_cents = models.BigIntegerField(
        _("paid by the operator"),
        default=0,
        help_text=_("Beyond the credit: what a substitute costs more, or what is too little to be paid by card."),
    )
    paid_cents = models.BigIntegerField(
        _("paid by the customer"), default=0, help_text=_("What it costs beyond the credit.")
    )
    tax_rate = models.DecimalField(_("tax rate"), max_digits=7, decimal_places=5, default=0)
    included_tax_cents = models.BigIntegerField(
        _("tax inside the prices"), default=0, help_text=_("Where prices include tax: told, never added.")
    )
    shipping_kind = models.CharField(_("shipping"), max_length=8, choices=ShippingKind.choices, blank=True)
    is_two_day = models.BooleanField(_("two-day shipping"), default=False)
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)
    is_missing = models.BooleanField(
        _("missing"), default=False, help_text=_("Not on the shelf when it was to be picked: an equal is offered.")
    )
    waits_for_original = models.BooleanField(
        _("waits for the original"),
        default=False,
        help_text=_("The customer declined a substitute: the next unit of the product is theirs."),
    )
    no_substitute_since = models.DateTimeField(
        _("no substitute since"),
        null=True,
        blank=True,
        help_text=_("When operators were told that nothing suitable is in stock."),
    )
    encrypted_content = models.TextField(_("code or link, sealed"), blank=True)
    placed_at = models.DateTimeField(_("placed"))
    shipped_at = models.DateTimeField(_("shipped"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    canceled_at = models.DateTimeField(_("canceled"), null=True, blank=True)
    refunded_at = models.DateTimeField(_("refunded"), null=True, blank=True)
    forgotten_at = models.DateTimeField(
        _("address forgotten"), null=True, blank=True, help_text=_("Since then nothing says who it went to.")
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at"]
        indexes = [models.Index(fields=["status", "placed_at"], name="order_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["reward"], condition=~Q(status__in=["canceled", "refunded"]), name="order_once_per_reward"
            ),
            models.CheckConstraint(
                condition=Q(
                    item_cents__gte=0,
                    shipping_cents__gte=0,
                    tax_cents__gte=0,
                    credit_cents__gte=0,
                    operator_paid_cents__gte=0,
                ),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    paid_cents__gte=0,
                    item_cents=F("credit_cents")
                    + F("operator_paid_cents")
                    + F("paid_cents")
                    - F("shipping_cents")
                    - F("tax_cents"),
                ),
                name="order_is_paid_in_full",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def can_become(self, status: str) -> bool:
        return status in self.MOVES[self.Status(self.status)]

    @property
    def can_change_tracking(self) -> bool:
        return self.status == self.Status.SHIPPED and self.product.kind != Product.Kind.DIGITAL

    @property
    def is_prepared(self) -> bool:
        """Return whether the warehouse has started; customers do not see the exact step."""
        return self.status in {self.Status.PICKED, self.Status.PACKED}

    @property
    def staff_status(self) -> str:
        """Return the status label for operators."""
        return str(self.IN_STAFF_WORDS.get(self.Status(self.status)) or self.get_status_display())

    @property
    def customer_status(self) -> str:
        """Return the status label for customers."""
        return str(_("being prepared")) if self.is_prepared else self.get_status_display()


class OrderChange(models.Model):
    """One entry of an order's history."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="history")
    occurred_at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    event = models.CharField(_("what"), max_length=40, choices=OrderEvent.choices)
    reason = models.TextField(_("why"), blank=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("history")
        ordering = ["occurred_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(event__in=OrderEvent.values), name="order_event_is_registered")
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_event_display()}"
