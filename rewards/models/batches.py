"""Bulk uploads of rewards and their lines."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Member


class BatchQuerySet(models.QuerySet["RewardBatch"]):
    def visible_to(self, member: Member) -> Self:
        return self.filter(organization_id=member.organization_id)

    def being_issued(self) -> Self:
        return self.filter(status=RewardBatch.Status.ISSUING).order_by("confirmed_at")


class RewardBatch(models.Model):
    """An uploaded file. Rewards are issued only after a member reviewed the check and confirmed it."""

    class Status(models.TextChoices):
        BAD = "bad", _("has errors")
        CHECKED = "checked", _("checked")
        ISSUING = "issuing", _("being issued")
        DONE = "done", _("finished")
        CANCELED = "canceled", _("canceled")

    MOVES = {
        Status.BAD: {Status.ISSUING},
        Status.CHECKED: {Status.ISSUING},
        Status.ISSUING: {Status.DONE, Status.CANCELED},
        Status.DONE: set(),
        Status.CANCELED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="reward_batches")
    campaign = models.ForeignKey("campaigns.Campaign", models.PROTECT, related_name="reward_batches", db_index=False)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"))
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-uploaded_at"]
        indexes = [
            models.Index(fields=["campaign", "uploaded_at"], name="batch_by_campaign"),
            models.Index(fields=["confirmed_at"], name="batch_being_issued", condition=Q(status="issuing")),
        ]

    def __str__(self) -> str:
        return self.file_name


class BatchRow(models.Model):
    """A line of the file. Its status changes in the transaction that issues its reward, so that it is issued once."""

    class Status(models.TextChoices):
        BAD = "bad", _("has errors")
        WAITING = "waiting", _("not issued")
        ISSUED = "issued", _("issued")
        REPEATED = "repeated", _("issued before")
        REFUSED = "refused", _("refused")

    batch = models.ForeignKey(RewardBatch, models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField(_("line"), help_text=_("Of the file, where the row begins."))
    status = models.CharField(_("status"), max_length=8, choices=Status.choices)
    moment = models.CharField(_("moment"), max_length=60, blank=True)
    group = models.CharField(_("reward group"), max_length=60, blank=True)
    app_user_id = models.CharField(_("the app's user"), max_length=128, blank=True)
    email = models.CharField(_("email address"), max_length=254, blank=True)
    device_type = models.CharField(_("device"), max_length=8, blank=True)
    locale = models.CharField(_("locale"), max_length=20, blank=True)
    key = models.CharField(_("your key"), max_length=200, blank=True)
    problems = models.JSONField(_("errors"), default=list, help_text=_("[column, given, allowed] each."))
    refusal = models.CharField(_("refusal"), max_length=40, blank=True)
    reward = models.ForeignKey("rewards.Reward", models.PROTECT, null=True, related_name="batch_rows")

    class Meta:
        verbose_name = _("line of an upload")
        verbose_name_plural = _("lines of an upload")
        ordering = ["line"]
        indexes = [models.Index(fields=["batch", "status", "line"], name="batch_row_by_status")]
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="batch_line_once")]

    def __str__(self) -> str:
        return f"{self.batch} {self.line}"
