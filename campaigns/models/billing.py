"""What an organization is asked to pay: a statement for each calendar month, made from the ledger, never changed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.plan import Campaign


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, member):
        return self.filter(organization_id=member.organization_id)


class Statement(models.Model):
    """What one calendar month (UTC) cost. A trigger refuses to change anything but whether it is paid."""

    class Status(models.TextChoices):
        DUE = "due", _("due")
        PAID = "paid", _("paid")

    MOVES = {Status.DUE: {Status.PAID}, Status.PAID: set()}

    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="statements")
    month = models.DateField(_("month"), help_text=_("Its first day."))
    number = models.CharField(_("number"), max_length=40, unique=True)
    total_cents = models.BigIntegerField(_("total"), help_text=_("US cents."))
    status = models.CharField(_("status"), max_length=4, choices=Status.choices, default=Status.DUE)
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
                condition=Q(status="due", paid_at=None) | (Q(status="paid") & ~Q(paid_at=None)),
                name="statement_paid_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def slug(self) -> str:
        """The month as its page's address names it: ``2026-10``."""
        return f"{self.month:%Y-%m}"


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
