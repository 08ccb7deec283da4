"""The log of API calls."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiCall(models.Model):
    """A call of an app's server, or calls that were too fast and of the same minute. Kept for 30 days.

    Bodies are without keys, reward tokens, links to points pages, and email addresses: a value that is blanked when a
    customer's account is erased would tell the developer that there was one.
    """

    organization = models.ForeignKey("accounts.Organization", models.CASCADE, related_name="+", db_index=False)
    app = models.ForeignKey("accounts.App", models.CASCADE, related_name="+", db_index=False)
    occurred_at = models.DateTimeField(_("when"))
    key_hint = models.CharField(_("key"), max_length=20, help_text=_("How the key begins."))
    is_live = models.BooleanField(_("live key"))
    method = models.CharField(_("method"), max_length=8)
    path = models.CharField(_("path"), max_length=300)
    status = models.PositiveSmallIntegerField(_("status"))
    code = models.CharField(_("code"), max_length=60, blank=True, help_text=_("Of a refusal."))
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    repeats = models.PositiveIntegerField(_("calls"), default=1, help_text=_("More than one for calls answered 429."))
    request_id = models.CharField(_("request ID"), max_length=16)
    campaign_id = models.UUIDField(_("campaign"), null=True, blank=True)
    reward_id = models.UUIDField(_("reward"), null=True, blank=True)
    app_user_id = models.CharField(_("user ID"), max_length=128, blank=True, help_text=_("The app's own."))
    request_body = models.TextField(_("request"), blank=True)
    response_body = models.TextField(_("response"), blank=True)

    class Meta:
        verbose_name = _("API call")
        verbose_name_plural = _("API calls")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"], name="api_call_list"),
            models.Index(fields=["organization", "app_user_id", "-id"], name="api_call_by_user"),
            models.Index(fields=["request_id"], name="api_call_by_request"),
            models.Index(fields=["reward_id"], name="api_call_of_reward", condition=models.Q(reward_id__isnull=False)),
            BrinIndex(fields=["occurred_at"], name="api_call_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
