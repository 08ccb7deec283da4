"""Rewards issued to users of an app."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from moments.ids import uuid7


class RewardQuerySet(models.QuerySet["Reward"]):
    def visible_to(self, member: Member) -> Self:
        return self.filter(organization_id=member.organization_id)

    def due_for_expiry(self, now: dt.datetime) -> Self:
        return self.filter(
            status__in=[Reward.Status.ISSUED, Reward.Status.CLAIMED], campaign__rewards_expire_at__lte=now
        ).order_by("id")


class Reward(models.Model):
    """A reward for one user of an app, to be claimed before ``campaign.rewards_expire_at``.

    Developers see issued, voided or window closed, but never ``status`` or anything about the customer.
    """

    class Status(models.TextChoices):
        ISSUED = "issued", _("issued")
        CLAIMED = "claimed", _("claimed")
        REDEEMED = "redeemed", _("redeemed")
        EXPIRED = "expired", _("expired")

    MOVES = {
        Status.ISSUED: {Status.CLAIMED, Status.EXPIRED},
        Status.CLAIMED: {Status.REDEEMED, Status.EXPIRED},
        Status.REDEEMED: {Status.CLAIMED, Status.EXPIRED},
        Status.EXPIRED: set(),
    }

    class Source(models.TextChoices):
        API = "api", _("API")
        POINTS = "points", _("points")
        CONSOLE = "console", _("console")
        CSV = "csv", _("CSV upload")

    class Device(models.TextChoices):
        ANDROID = "Android", "Android"
        IOS = "iOS", "iOS"
        FIRE_OS = "FireOS", "FireOS"
        WEB = "Web", "Web"

    US_DOLLARS = {"charge_cents"}  # regardless of the marketplace's currency

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Without separate indexes: those below start with the same columns.
    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="rewards", db_index=False)
    app = models.ForeignKey("accounts.App", models.PROTECT, related_name="rewards", db_index=False)
    campaign = models.ForeignKey("campaigns.Campaign", models.PROTECT, related_name="rewards", db_index=False)
    moment = models.ForeignKey("campaigns.Moment", models.PROTECT, related_name="rewards", db_index=False)
    group = models.ForeignKey("campaigns.RewardGroup", models.PROTECT, related_name="rewards")
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ISSUED)
    source = models.CharField(_("issued through"), max_length=8, choices=Source.choices)
    app_user_id = models.CharField(_("the app's user"), max_length=128, null=True, blank=True)  # noqa: DJ001 - none is not ''
    user_slot = models.PositiveSmallIntegerField(null=True, editable=False, help_text=_("1 to the per-user limit."))
    device_type = models.CharField(_("device"), max_length=8, choices=Device.choices)
    locale = models.CharField(_("locale"), max_length=20, blank=True)
    charge_cents = models.BigIntegerField(_("charge"), help_text=_("US cents: the CPA."))
    credit_cents = models.BigIntegerField(_("promo credit"), help_text=_("The CPA in the marketplace's currency."))
    currency = models.CharField(_("currency"), max_length=3)
    idempotency_key = models.CharField(max_length=255, null=True, blank=True, editable=False)  # noqa: DJ001
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    external_id = models.CharField(_("the app's id"), max_length=128, null=True, blank=True)  # noqa: DJ001
    metadata = models.JSONField(_("metadata"), null=True, blank=True, help_text=_("Name → text, from the app."))
    is_emailed = models.BooleanField(
        _("emailed"), db_default=False, editable=False, help_text=_("The app or a member asked us to email it.")
    )
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    token_key_version = models.PositiveSmallIntegerField(editable=False)
    issued_at = models.DateTimeField(_("issued"))
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="rewards"
    )
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    reminders_stopped_at = models.DateTimeField(_("reminders stopped"), null=True, blank=True)

    objects = RewardQuerySet.as_manager()

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["campaign", "status"], name="reward_by_campaign"),
            # For lists in the console and the API: newest first, with different filters.
            models.Index(fields=["app", "issued_at", "id"], name="reward_list_app"),
            models.Index(fields=["organization", "issued_at", "id"], name="reward_list_organization"),
            models.Index(fields=["campaign", "issued_at", "id"], name="reward_list_campaign"),
            models.Index(fields=["moment", "issued_at", "id"], name="reward_list_moment"),
            models.Index(fields=["organization", "source", "issued_at", "id"], name="reward_list_source"),
            models.Index(fields=["organization", "app_user_id"], name="reward_list_user"),
            models.Index(
                fields=["organization", "issued_at", "id"], name="reward_list_voided", condition=~Q(voided_at=None)
            ),
            models.Index(fields=["customer"], name="reward_by_customer", condition=~Q(customer=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["app", "idempotency_key"], name="reward_idempotency_key_once"),
            models.UniqueConstraint(
                fields=["campaign", "external_id"], name="reward_external_id_once", condition=~Q(external_id=None)
            ),
            models.UniqueConstraint(fields=["moment", "app_user_id", "user_slot"], name="reward_user_slot_once"),
            models.CheckConstraint(
                condition=Q(charge_cents__gte=0, credit_cents__gte=0), name="reward_amounts_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["issued", "expired"]) | (~Q(customer=None) & ~Q(claimed_at=None)),
                name="reward_claimed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(app_user_id=None, user_slot=None)
                | (~Q(app_user_id=None) & (~Q(user_slot=None) | Q(source="points"))),
                name="reward_user_has_slot",
            ),
            models.CheckConstraint(
                condition=(Q(app_user_id=None) | ~Q(app_user_id=""))
                & (Q(idempotency_key=None) | ~Q(idempotency_key=""))
                & (Q(external_id=None) | ~Q(external_id="")),
                name="reward_ids_not_empty",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
