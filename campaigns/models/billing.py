"""What an organization is asked to pay: a statement for each calendar month, made from the ledger, never changed."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from campaigns.models.plan import Campaign


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, member: Member) -> Self:
        return self.filter(organization_id=member.organization_id)


class Statement(models.Model):
    """What one calendar month (UTC) cost. A trigger refuses to change anything but what has become of it.

    ``carried``: too little to be charged to a card, so the next statement's total includes it.
    """

    class Status(models.TextChoices):
        DUE = "due", _("due")
        PAID = "paid", _("paid")
        CARRIED = "carried", _("carried over")

    MOVES = {Status.DUE: {Status.PAID, Status.CARRIED}, Status.PAID: set(), Status.CARRIED: set()}

    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="statements")
    month = models.DateField(_("month"), help_text=_("Its first day."))
    number = models.CharField(_("number"), max_length=40, unique=True)
    total_cents = models.BigIntegerField(_("total"), help_text=_("US cents."))
    carried_cents = models.BigIntegerField(
        _("carried over"), default=0, db_default=0, help_text=_("Of the total, from earlier statements. US cents.")
    )
    carried_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_from", verbose_name=_("carried over to")
    )
    status = models.CharField(_("status"), max_length=7, choices=Status.choices, default=Status.DUE)
    issued_at = models.DateTimeField(_("issued"))
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    paid_marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("marked by")
    )

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-month", "organization"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "month"], name="statement_once_a_month"),
            models.CheckConstraint(
                condition=Q(status__in=["due", "carried"], paid_at=None) | (Q(status="paid") & ~Q(paid_at=None)),
                name="statement_paid_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(carried_to=None) | Q(status="carried"), name="statement_carried_to_another"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def slug(self) -> str:
        """The month as its page's address names it: ``2026-10``."""
        return f"{self.month:%Y-%m}"


class PaymentMethod(models.Model):
    """The card that an organization's statements are charged to. Stripe has the card, we have its last digits."""

    organization = models.OneToOneField("accounts.Organization", models.CASCADE, related_name="payment_method")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("owner of the billing"),
        help_text=_("The first who set a card; nobody else replaces it until an owner hands it over."),
    )
    customer_id = models.CharField(max_length=64, editable=False)
    method_id = models.CharField(max_length=64, editable=False, blank=True)
    brand = models.CharField(_("brand"), max_length=24, blank=True)
    last4 = models.CharField(_("last digits"), max_length=4, blank=True)
    expires = models.CharField(_("expires"), max_length=7, blank=True, help_text=_("Year and month."))
    set_at = models.DateTimeField(_("set"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")

    def __str__(self) -> str:
        return f"{self.brand.title()} •••• {self.last4}" if self.method_id else str(_("none yet"))


class Payment(models.Model):
    """One attempt to charge a statement to a card. While one is open, no other begins."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        SUCCEEDED = "succeeded", _("paid")
        FAILED = "failed", _("failed")

    MOVES = {
        Status.OPEN: {Status.SUCCEEDED, Status.FAILED},
        Status.SUCCEEDED: set(),
        Status.FAILED: set(),
    }

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="payments")
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.OPEN)
    customer_id = models.CharField(max_length=64, editable=False)
    method_id = models.CharField(max_length=64, editable=False)
    card = models.CharField(_("card"), max_length=40)
    intent_id = models.CharField(_("Stripe's number"), max_length=64, blank=True)
    begun_at = models.DateTimeField(_("begun"))
    claimed_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True)
    reason = models.CharField(_("why"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-begun_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["statement"], condition=Q(status="open"), name="payment_open_once"),
            models.UniqueConstraint(fields=["statement"], condition=Q(status="succeeded"), name="payment_paid_once"),
        ]

    def __str__(self) -> str:
        return f"{self.statement} {self.begun_at:%Y-%m-%d}"


class StatementLine(models.Model):
    """So many actions of one moment at one price. Append-only, and named as it was then."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="lines")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+")
    campaign_name = models.CharField(_("campaign"), max_length=120)
    moment_key = models.CharField(_("moment"), max_length=60, blank=True)
    actions = models.PositiveIntegerField(_("actions"))
    each_cents = models.BigIntegerField(_("each"), help_text=_("US cents."))
    cents = models.BigIntegerField(_("amount"), help_text=_("US cents."))

    class Meta:
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of statements")
        ordering = ["campaign_name", "campaign", "moment_key", "each_cents"]
        constraints = [
            models.CheckConstraint(condition=Q(cents=F("actions") * F("each_cents")), name="statement_line_adds_up")
        ]

    def __str__(self) -> str:
        return f"{self.statement}: {self.campaign_name} {self.moment_key}"
