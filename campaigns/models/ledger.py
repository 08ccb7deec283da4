"""What campaigns and organizations may spend, what they have spent, and the ledger that it adds up from."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.plan import Campaign, Moment
from moments.money import display


class CampaignMonth(models.Model):
    """What a campaign has spent in one calendar month (UTC), under its limit."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="months")
    month = models.DateField(_("month"), help_text=_("Its first day."))
    spent_cents = models.BigIntegerField(_("spent"), default=0)
    limit_cents = models.BigIntegerField(_("limit"))

    class Meta:
        verbose_name = _("campaign's month")
        verbose_name_plural = _("campaigns' months")
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "month"], name="campaign_month_once"),
            models.CheckConstraint(
                condition=Q(spent_cents__gte=0, spent_cents__lte=F("limit_cents")), name="campaign_month_within_limit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.month:%Y-%m}"


class OrganizationMonth(models.Model):
    """What an organization has spent in one calendar month (UTC), under its limit."""

    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="months")
    month = models.DateField(_("month"), help_text=_("Its first day."))
    spent_cents = models.BigIntegerField(_("spent"), default=0)
    limit_cents = models.BigIntegerField(_("limit"))

    class Meta:
        verbose_name = _("organization's month")
        verbose_name_plural = _("organizations' months")
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "month"], name="organization_month_once"),
            models.CheckConstraint(
                condition=Q(spent_cents__gte=0, spent_cents__lte=F("limit_cents")),
                name="organization_month_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.month:%Y-%m}"


class OrganizationLimitChange(models.Model):
    """One line of the history of an organization's monthly limit. Append-only, like the ledger."""

    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="limit_changes")
    occurred_at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    before_cents = models.BigIntegerField(_("before"))
    after_cents = models.BigIntegerField(_("after"))
    reason = models.TextField(_("why"))

    class Meta:
        verbose_name = _("change of an organization's limit")
        verbose_name_plural = _("changes of organizations' limits")
        ordering = ["-occurred_at", "-id"]

    def __str__(self) -> str:
        return f"{self.organization}: {display(self.before_cents)} → {display(self.after_cents)}"


class BudgetEntry(models.Model):
    """One line of the money ledger. Append-only: a trigger refuses UPDATE and DELETE."""

    class Kind(models.TextChoices):
        REWARD = "reward", _("reward")

    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="budget_entries")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="budget_entries")
    moment = models.ForeignKey(Moment, models.PROTECT, related_name="+", null=True)
    month = models.DateField(_("month"))
    amount_cents = models.BigIntegerField(_("amount"), help_text=_("US cents; positive is charged."))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    reference = models.CharField(_("for"), max_length=80, unique=True, help_text=_("reward:ID, …"))
    occurred_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("budget entry")
        verbose_name_plural = _("budget entries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["campaign", "occurred_at"], name="budget_entry_by_campaign"),
            models.Index(fields=["organization", "month"], name="budget_entry_by_org"),
        ]

    def __str__(self) -> str:
        return self.reference
