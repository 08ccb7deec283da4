"""Fingerprints of claims and exemptions from claim limits."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ClaimFingerprint(models.Model):
    """A keyed digest of the device, network or delivery address with which an account claimed or ordered.

    The digest includes the campaign, so claims of different campaigns cannot be linked. Deleted once the campaign's
    rewards have expired.
    """

    class Kind(models.TextChoices):
        DEVICE = "device", _("device")
        NETWORK = "network", _("network and kind of browser")
        ADDRESS = "address", _("delivery address")

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    digest = models.CharField(max_length=64)
    occurred_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("claim fingerprint")
        verbose_name_plural = _("claim fingerprints")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind", "digest", "customer"], name="claim_trace_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:8]}"


class ClaimOverride(models.Model):
    """An operator's exemption of a customer's claim from all limits."""

    reward = models.ForeignKey("rewards.Reward", models.CASCADE, related_name="+")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    occurred_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("claim override")
        verbose_name_plural = _("claim overrides")
        constraints = [models.UniqueConstraint(fields=["reward", "customer"], name="claim_allowance_once")]

    def __str__(self) -> str:
        return f"{self.customer} {self.reward_id}"
