"""Who did what in an organization."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Organization, User


class AuditEntry(models.Model):
    """One line, written in the transaction of what it tells. Append-only: a trigger refuses UPDATE and DELETE.

    Actions on campaigns are in the campaigns' own history; the audit log shows both.
    """

    class Event(models.TextChoices):
        REGISTERED = "registered", _("organization registered")
        RENAMED = "renamed", _("organization renamed")
        APP_REGISTERED = "app_registered", _("app registered")
        APP_CHANGED = "app_changed", _("app changed")
        KEY_CREATED = "key_created", _("key created")
        KEY_ROLLED = "key_rolled", _("key rolled")
        KEY_REVOKED = "key_revoked", _("key revoked")
        WEBHOOK_ADDED = "webhook_added", _("webhook endpoint added")
        WEBHOOK_CHANGED = "webhook_changed", _("webhook endpoint changed")
        WEBHOOK_ROLLED = "webhook_rolled", _("webhook secret rolled")
        WEBHOOK_DISABLED = "webhook_disabled", _("webhook endpoint disabled")
        WEBHOOK_ENABLED = "webhook_enabled", _("webhook endpoint enabled")
        WEBHOOK_REPLAYED = "webhook_replayed", _("webhook events sent again")
        INVITED = "invited", _("member invited")
        INVITATION_WITHDRAWN = "uninvited", _("invitation withdrawn")
        JOINED = "joined", _("member joined")
        ROLE_CHANGED = "role_changed", _("role changed")
        MEMBER_REMOVED = "member_removed", _("member removed")
        FACTOR_ADDED = "factor_added", _("second factor set up")
        FACTOR_REMOVED = "factor_removed", _("second factor removed")
        REWARD_SENT = "reward_sent", _("reward sent by hand")
        REWARD_VOIDED = "reward_voided", _("reward voided")
        UPLOAD_CONFIRMED = "upload_confirmed", _("upload confirmed")
        UPLOAD_CANCELED = "upload_canceled", _("upload canceled")
        POINTS_ADJUSTED = "points_adjusted", _("points adjusted")
        POINTS_CHANGED = "points_changed", _("points program changed")
        EXPORTED = "exported", _("file downloaded")
        CARD_SET = "card_set", _("card set")
        CARD_REMOVED = "card_removed", _("card removed")
        BILLING_HANDED_OVER = "handed_over", _("billing handed over")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="audit_entries")
    occurred_at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    event = models.CharField(_("what"), max_length=20, choices=Event.choices)
    about = models.CharField(_("about"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("line of the audit log")
        verbose_name_plural = _("audit log")
        ordering = ["-occurred_at", "-id"]
        indexes = [models.Index(fields=["organization", "-occurred_at"], name="audit_by_organization")]

    def __str__(self) -> str:
        return f"{self.get_event_display()} {self.about}"
