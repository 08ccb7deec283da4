"""Who is mailed figures."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
