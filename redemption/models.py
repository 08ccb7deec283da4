"""The customer's side: orders, substitutions, memberships."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

NUMBER_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0, 1, I, O: it is read out on the telephone


def new_order_number() -> str:
    """Random, since a running number would count redemptions: ``7K3F-9QXD-M2PA``."""
    letters = [secrets.choice(NUMBER_ALPHABET) for _unused in range(12)]
    return "-".join("".join(letters[i : i + 4]) for i in (0, 4, 8))


class Order(models.Model):
    """What the customer chose, at the prices of that moment."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        WAITING = "waiting", _("waiting for your answer")
        SHIPPED = "shipped", _("shipped")
        DELIVERED = "delivered", _("delivered")
        CANCELLED = "cancelled", _("cancelled")

    MOVES = {
        Status.PLACED: {Status.WAITING, Status.SHIPPED, Status.CANCELLED},
        Status.WAITING: {Status.PLACED, Status.CANCELLED},
        Status.SHIPPED: {Status.DELIVERED},
        Status.DELIVERED: set(),
        Status.CANCELLED: set(),
    }

    number = models.CharField(_("number"), max_length=14, unique=True, default=new_order_number, editable=False)
    reward = models.ForeignKey("rewards.Reward", models.PROTECT, related_name="orders")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="orders")
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.PLACED)
    language = models.CharField(max_length=10, default="en")
    currency = models.CharField(_("currency"), max_length=3)
    item_cents = models.BigIntegerField(_("item"))
    shipping_cents = models.BigIntegerField(_("shipping"))
    tax_cents = models.BigIntegerField(_("tax"))
    credit_cents = models.BigIntegerField(_("promo credit used"))
    borne_cents = models.BigIntegerField(
        _("borne by the operator"), default=0, help_text=_("What a substitute costs beyond the credit.")
    )

    recipient = models.CharField(_("full name"), max_length=120)
    street = models.CharField(_("street address"), max_length=300)
    city = models.CharField(_("city"), max_length=120, blank=True)
    region = models.CharField(_("state or province"), max_length=80, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2)
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    is_two_day = models.BooleanField(_("two-day shipping"), default=False)
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)
    is_missing = models.BooleanField(
        _("missing"), default=False, help_text=_("Not on the shelf when it was to be picked: an equal is offered.")
    )
    digital_content = models.TextField(_("code or link"), blank=True)
    placed_at = models.DateTimeField(_("placed"))
    shipped_at = models.DateTimeField(_("shipped"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at"]
        indexes = [models.Index(fields=["status", "placed_at"], name="order_queue")]
        constraints = [
            models.UniqueConstraint(fields=["reward"], condition=~Q(status="cancelled"), name="order_once_per_reward"),
            models.CheckConstraint(
                condition=Q(
                    item_cents__gte=0, shipping_cents__gte=0, tax_cents__gte=0, credit_cents__gte=0, borne_cents__gte=0
                ),
                name="order_amounts_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class FulfilmentRequest(models.Model):
    """What a provider outside is asked for: one row for an order, claimed before the provider is called.

    ``request_id`` is the order's number, and the name under which the provider is given the order, at every attempt.
    ``unknown`` means that nobody here can say whether the provider has it: it is asked before anything is sent again.
    The gift itself never stands here, only in ``Order.digital_content``.
    """

    class Status(models.TextChoices):
        NEEDS_ATTENTION = "needs_attention", _("needs attention")
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being sent")
        UNKNOWN = "unknown", _("unanswered")
        ACCEPTED = "accepted", _("accepted")
        CANCELLED = "cancelled", _("cancelled")

    MOVES = {
        Status.QUEUED: {Status.SENDING, Status.CANCELLED},
        Status.SENDING: {Status.ACCEPTED, Status.UNKNOWN, Status.NEEDS_ATTENTION},
        Status.UNKNOWN: {Status.SENDING},
        Status.NEEDS_ATTENTION: {Status.UNKNOWN, Status.CANCELLED},
        Status.ACCEPTED: set(),
        Status.CANCELLED: set(),
    }

    order = models.ForeignKey(Order, models.PROTECT, related_name="fulfilment_requests")
    provider = models.CharField(_("provider"), max_length=20)
    request_id = models.CharField(
        _("request id"), max_length=14, unique=True, help_text=_("The same at every attempt: the order's number.")
    )
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    provider_reference = models.CharField(_("the provider's number"), max_length=100, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("queued"), default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)

    class Meta:
        verbose_name = _("fulfilment request")
        verbose_name_plural = _("fulfilment requests")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at"], name="fulfilment_due", condition=Q(status__in=["queued", "unknown"])),
            models.Index(fields=["claimed_at"], name="fulfilment_stuck", condition=Q(status="sending")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order"], name="fulfilment_once_per_order"),
            models.CheckConstraint(
                condition=Q(status="accepted", accepted_at__isnull=False)
                | (~Q(status="accepted") & Q(accepted_at__isnull=True)),
                name="fulfilment_accepted_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.provider}"


class OrderChange(models.Model):
    """One line of an order's history."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="history")
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    what = models.CharField(_("what"), max_length=40)
    why = models.TextField(_("why"), blank=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("history")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.order}: {self.what}"


class Substitution(models.Model):
    """An equal offered for an item that was gone after it had been ordered."""

    class Status(models.TextChoices):
        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    MOVES = {
        Status.OFFERED: {Status.ACCEPTED, Status.DECLINED},
        Status.ACCEPTED: set(),
        Status.DECLINED: set(),
    }

    order = models.ForeignKey(Order, models.CASCADE, related_name="substitutions")
    original = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    substitute = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OFFERED)
    offered_at = models.DateTimeField(_("offered"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("substitution")
        verbose_name_plural = _("substitutions")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(status="offered"), name="substitution_open_once")
        ]

    def __str__(self) -> str:
        return f"{self.original} → {self.substitute}"


class Membership(models.Model):
    """Free two-day shipping between two dates. Granted by operators."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shipping_memberships")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), help_text=_("The last day it holds."))
    granted_at = models.DateTimeField(_("granted"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="membership_dates_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.user} until {self.ends_on}"


class ReportMail(models.Model):
    """A member who wants the organization's figures by mail, once a week or month."""

    class Every(models.TextChoices):
        WEEK = "week", _("every Monday, of the week before")
        MONTH = "month", _("on the first, of the month before")

    member = models.OneToOneField("accounts.Member", models.CASCADE, related_name="report_mail")
    every = models.CharField(_("how often"), max_length=5, choices=Every.choices)
    mailed_up_to = models.DateField(_("mailed up to"), help_text=_("The last day (UTC) that a mail has told of."))

    class Meta:
        verbose_name = _("mailed report")
        verbose_name_plural = _("mailed reports")

    def __str__(self) -> str:
        return f"{self.member}: {self.every}"
