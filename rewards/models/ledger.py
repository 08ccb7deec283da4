"""Daily totals of issued rewards, and reconciliation runs."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from rewards.models.reward import Reward


class DailyRewardTotalsQuerySet(models.QuerySet["DailyRewardTotals"]):
    def visible_to(self, member: Member) -> Self:
        return self.filter(organization_id=member.organization_id)


class DailyRewardTotals(models.Model):
    """Rewards issued on one UTC day for a moment, reward group and device type. ``moments_issue_reward`` updates it.

    Claims and voids do not change it, since voided rewards stay charged.
    """

    # Without separate indexes: those below start with the same columns.
    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="+", db_index=False)
    campaign = models.ForeignKey("campaigns.Campaign", models.PROTECT, related_name="reward_days", db_index=False)
    moment = models.ForeignKey("campaigns.Moment", models.PROTECT, related_name="+", db_index=False)
    group = models.ForeignKey("campaigns.RewardGroup", models.PROTECT, related_name="+", db_index=False)
    device_type = models.CharField(_("device"), max_length=8, choices=Reward.Device.choices)
    day = models.DateField(_("day"), help_text=_("UTC."))
    actions = models.PositiveIntegerField(_("actions"))
    cents = models.BigIntegerField(_("charged"), help_text=_("US cents."))

    objects = DailyRewardTotalsQuerySet.as_manager()

    class Meta:
        verbose_name = _("daily reward totals")
        verbose_name_plural = _("daily reward totals")
        indexes = [
            models.Index(fields=["organization", "day"], name="reward_day_by_organization"),
            models.Index(fields=["campaign", "day"], name="reward_day_by_campaign"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["moment", "group", "device_type", "day"], name="reward_day_once"),
            models.CheckConstraint(condition=Q(actions__gte=1, cents__gte=0), name="reward_day_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.moment_id} {self.device_type}"


class ReconciliationRun(models.Model):
    """A comparison of counters, ledger, rewards and events, with the differences it found."""

    checked_at = models.DateTimeField(_("checked"), db_index=True)
    took_ms = models.PositiveIntegerField(_("took"), help_text=_("Milliseconds."))
    discrepancies = models.JSONField(_("what differed"), default=list)

    class Meta:
        verbose_name = _("reconciliation run")
        verbose_name_plural = _("reconciliation")
        ordering = ["-checked_at", "-id"]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def balanced(self) -> bool:
        return not self.discrepancies

    @property
    def lines(self) -> list[str]:
        return [row["summary"] for row in self.discrepancies]

    @classmethod
    def last_balanced(cls) -> dt.datetime | None:
        """Return when a run last found no differences; None if never."""
        return cls.objects.filter(discrepancies=[]).values_list("checked_at", flat=True).first()
