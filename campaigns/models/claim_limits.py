"""How much of one campaign may go to one person."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClaimLimits(models.Model):
    """What operators allow: of the installation, or (``campaign``) of one campaign. Empty: as the installation does."""

    campaign = models.OneToOneField(
        "campaigns.Campaign",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="claim_limits",
        verbose_name=_("campaign"),
        help_text=_("Empty: of every campaign that has none of its own."),
    )
    rewards_per_customer = models.PositiveIntegerField(
        _("rewards of a campaign for one customer"),
        null=True,
        blank=True,
        help_text=_("0: any number. A campaign that allows one user more than this raises it by itself."),
    )
    accounts_per_device = models.PositiveIntegerField(
        _("accounts that claim on one device"), null=True, blank=True, help_text=_("0: any number, and none is kept.")
    )
    accounts_per_address = models.PositiveIntegerField(
        _("accounts that order to one address"), null=True, blank=True, help_text=_("0: any number, and none is kept.")
    )
    accounts_per_network = models.PositiveIntegerField(
        _("accounts that claim from one network with one kind of browser"),
        null=True,
        blank=True,
        help_text=_("0: any number, and none is kept. Many people share a network: a low number refuses the innocent."),
    )

    class Meta:
        verbose_name = _("claim limits")
        verbose_name_plural = _("claim limits")
        constraints = [
            models.UniqueConstraint(fields=["campaign"], nulls_distinct=False, name="claim_limits_of_one"),
        ]

    def __str__(self) -> str:
        return str(self.campaign or _("this installation"))
