"""Subscriptions to report emails."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportSubscription(models.Model):
    """A member's subscription to the organization's weekly or monthly report."""

    class Every(models.TextChoices):
        WEEK = "week", _("every Monday, of the week before")
        MONTH = "month", _("on the first, of the month before")

    member = models.OneToOneField("accounts.Member", models.CASCADE, related_name="report_subscription")
    every = models.CharField(_("how often"), max_length=5, choices=Every.choices)
    mailed_up_to = models.DateField(_("emailed up to"), help_text=_("The last day (UTC) that an email has covered."))

    class Meta:
        verbose_name = _("report subscription")
        verbose_name_plural = _("report subscriptions")

    def __str__(self) -> str:
        return f"{self.member}: {self.every}"
