"""The plan: campaigns, their moments and reward groups, what they may spend and what they have spent."""

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from moments.names import NameField


class Banner(models.Model):
    """A picture of exactly 3000 × 600, re-encoded at upload, with its narrower renditions."""

    WIDTH, HEIGHT = 3000, 600

    was_transparent = False  # what was uploaded just now, before it was put on white

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("accounts.Organization", models.CASCADE, related_name="banners")
    image = models.ImageField(_("image"), upload_to="banners/")
    rendition_widths = ArrayField(models.PositiveIntegerField(), default=list)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)  # since then emails may show it, so it stays

    class Meta:
        verbose_name = _("banner")
        verbose_name_plural = _("banners")

    def __str__(self) -> str:
        return str(self.id)

    def url_at(self, width: int) -> str:
        """The path of a rendition."""
        return self.image.url.replace(f"/{self.WIDTH}.", f"/{width}.")

    @property
    def srcset(self) -> str:
        narrow = [f"{self.url_at(width)} {width}w" for width in sorted(self.rendition_widths)]
        return ", ".join([*narrow, f"{self.image.url} {self.WIDTH}w"])


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, member: Member) -> Self:
        """What a member may open: the organization's own. A stranger's is not found."""
        return self.filter(organization_id=member.organization_id)

    def due_for_opening(self, now: dt.datetime) -> Self:
        approved = self.filter(status=Campaign.Status.APPROVED, goes_live=Campaign.GoesLive.BY_DATE)
        return approved.filter(starts_at__lte=now, ends_at__gt=now).order_by("starts_at")

    def due_for_finishing(self, now: dt.datetime) -> Self:
        running = [Campaign.Status.LIVE, Campaign.Status.SUSPENDED]
        return self.filter(status__in=running, ends_at__lte=now).order_by("ends_at")

    def due_for_closing(self, now: dt.datetime) -> Self:
        """Campaigns that have run, whose rewards expire now."""
        ran = self.filter(status__in=[Campaign.Status.LIVE, Campaign.Status.SUSPENDED, Campaign.Status.FINISHED])
        return ran.filter(window_closed_at=None, rewards_expire_at__lte=now).order_by("rewards_expire_at")


class Campaign(models.Model):
    """A time-bounded plan of one app: what is offered, when, for how much."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PENDING = "pending", _("pending approval")
        APPROVED = "approved", _("approved")
        LIVE = "live", _("live")
        FINISHED = "finished", _("finished")
        REJECTED = "rejected", _("rejected")
        SUSPENDED = "suspended", _("suspended")

    MOVES = {
        Status.DRAFT: {Status.PENDING},
        Status.PENDING: {Status.APPROVED, Status.REJECTED, Status.DRAFT},
        Status.APPROVED: {Status.LIVE, Status.SUSPENDED, Status.DRAFT},
        Status.LIVE: {Status.FINISHED, Status.SUSPENDED},
        Status.FINISHED: set(),
        Status.REJECTED: {Status.PENDING, Status.DRAFT},
        Status.SUSPENDED: {Status.APPROVED, Status.LIVE, Status.FINISHED},
    }
    EDITABLE = {Status.DRAFT, Status.REJECTED}
    REVIEWED = {Status.APPROVED, Status.LIVE, Status.SUSPENDED, Status.FINISHED}
    ARCHIVABLE = {Status.DRAFT, Status.FINISHED}

    class Kind(models.TextChoices):
        CHALLENGE = "challenge", _("challenge")
        SURPRISE = "surprise", _("surprise")
        COMPETITION = "competition", _("competition")

    class Held(models.TextChoices):
        BRAKE = "brake", _("the runaway brake")
        BOOKS = "books", _("books that differ")

    class GoesLive(models.TextChoices):
        BY_BUTTON = "button", _("when I press Go live")
        BY_DATE = "date", _("by itself at the start")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="campaigns")
    app = models.ForeignKey("accounts.App", models.PROTECT, related_name="campaigns", verbose_name=_("app"))
    name = NameField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.CHALLENGE)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DRAFT)
    suspended_from = models.CharField(max_length=12, blank=True)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    goes_live = models.CharField(_("goes live"), max_length=8, choices=GoesLive.choices, default=GoesLive.BY_BUTTON)
    per_user_limit = models.PositiveSmallIntegerField(_("rewards per user and moment"), default=1)
    announcement_message = models.CharField(_("announcement message"), max_length=300, blank=True)
    redemption_message = models.CharField(_("redemption message"), max_length=300, blank=True)
    terms = models.TextField(_("terms"), max_length=5000, blank=True)
    banner = models.ForeignKey(
        Banner, models.PROTECT, null=True, blank=True, related_name="campaigns", verbose_name=_("banner")
    )
    banner_alt = models.CharField(_("banner's alternative text"), max_length=200, blank=True)
    translations = models.JSONField(
        _("texts in other languages"), default=dict, blank=True, help_text=_("Language → field → text.")
    )
    support_contact = models.CharField(_("support contact"), max_length=200, blank=True)
    return_link = models.CharField(_("return link"), max_length=300, blank=True)

    total_budget_cents = models.BigIntegerField(_("total budget"), default=0)
    total_spent_cents = models.BigIntegerField(_("spent"), default=0, editable=False)
    monthly_limit_cents = models.BigIntegerField(_("monthly limit"), default=500_000)
    monthly_ceiling_cents = models.BigIntegerField(
        _("highest monthly limit"), default=500_000, help_text=_("US cents. $5,000 unless an operator raised it.")
    )
    brake_is_on = models.BooleanField(_("runaway brake"), default=True)
    brake_floor = models.PositiveIntegerField(
        _("brake's floor"), default=200, help_text=_("So many rewards in 5 minutes are never held to be runaway.")
    )
    brake_counts_from = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When a person last released it.")
    )
    held_at = models.DateTimeField(_("held since"), null=True, blank=True, editable=False)
    held_because = models.CharField(
        _("held because of"), max_length=8, choices=Held.choices, blank=True, editable=False
    )
    exchange_rates = models.JSONField(
        _("exchange rates"),
        default=dict,
        blank=True,
        help_text=_("US dollars for one unit, by currency, fixed at approval."),
    )

    rewards_expire_at = models.DateTimeField(
        _("rewards expire"), null=True, blank=True, help_text=_("Only ever moves later.")
    )
    window_closed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["organization", "status"], name="campaign_by_status")]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="campaign_name_once"),
            models.CheckConstraint(
                condition=Q(total_spent_cents__gte=0, total_spent_cents__lte=F("total_budget_cents")),
                name="campaign_spent_within_budget",
            ),
            models.CheckConstraint(
                condition=Q(monthly_limit_cents__gte=0, monthly_limit_cents__lte=F("monthly_ceiling_cents")),
                name="campaign_monthly_limit_within_ceiling",
            ),
            models.CheckConstraint(condition=Q(per_user_limit__gte=1), name="campaign_per_user_limit_positive"),
            models.CheckConstraint(
                condition=Q(held_at=None, held_because="") | (Q(held_because__gt="") & ~Q(held_at=None)),
                name="campaign_held_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")) | Q(ends_at=None) | Q(starts_at=None),
                name="campaign_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_announced(self) -> bool:
        """A surprise is not: users learn of it when they have earned it."""
        return self.kind != self.Kind.SURPRISE

    @property
    def is_editable(self) -> bool:
        return self.status in self.EDITABLE and self.archived_at is None


class CampaignVersion(models.Model):
    """What was submitted, word for word, and what the operator decided about it."""

    class Decision(models.TextChoices):
        PENDING = "pending", _("pending")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    content = models.JSONField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("submitted"))
    decision = models.CharField(_("decision"), max_length=12, choices=Decision.choices, default=Decision.PENDING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("campaign version")
        verbose_name_plural = _("campaign versions")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="campaign_version_once"),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(decision="pending"), name="campaign_version_pending_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} v{self.number}"


class CampaignChange(models.Model):
    """One line of a campaign's history: who, when, what, why."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="history")
    occurred_at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", help_text=_("Empty: by itself.")
    )
    event = models.CharField(_("what"), max_length=40)
    from_status = models.CharField(max_length=12, choices=Campaign.Status.choices, blank=True)
    to_status = models.CharField(max_length=12, choices=Campaign.Status.choices, blank=True)
    reason = models.TextField(_("why"), blank=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("history")
        ordering = ["-occurred_at", "-id"]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.event}"


class Moment(models.Model):
    """One action that the campaign rewards. What it costs is in ``MomentCost``, per reward group."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="moments")
    key = models.CharField(
        _("key"), max_length=60, default="MomentsReward", help_text=_("What your server sends as momentId.")
    )
    description = models.CharField(_("what the user does"), max_length=200)
    audience_note = models.CharField(_("audience note"), max_length=200, blank=True)
    share_percent = models.PositiveSmallIntegerField(
        _("share of users"), null=True, blank=True, help_text=_("Percent, in an A/B split; empty: no split.")
    )
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _("moment")
        verbose_name_plural = _("moments")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "key"], name="moment_key_once"),
            models.CheckConstraint(condition=~Q(key=""), name="moment_key_not_empty"),
            models.CheckConstraint(
                condition=Q(share_percent=None) | Q(share_percent__lte=100), name="moment_share_at_most_all"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class RewardGroup(models.Model):
    """What a campaign offers in one marketplace: up to five products, or one category at a discount."""

    class Kind(models.TextChoices):
        PRODUCTS = "products", _("up to five products")
        CATEGORY = "category", _("one category")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="groups")
    marketplace = models.ForeignKey(
        "catalog.Marketplace", models.PROTECT, related_name="+", verbose_name=_("marketplace")
    )
    key = models.CharField(_("key"), max_length=60, help_text=_("What your server sends as rewardGroupId."))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.PRODUCTS)
    category = models.ForeignKey(
        "catalog.Category", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    percent_off = models.PositiveSmallIntegerField(
        _("percent off"), null=True, blank=True, help_text=_("Category only. Empty: a credit of the fixed amount.")
    )
    credit_per_cent = models.DecimalField(
        _("credit per US cent"),
        max_digits=20,
        decimal_places=10,
        null=True,
        blank=True,
        editable=False,
        help_text=_("Minor units of the marketplace's currency for one US cent, fixed at approval."),
    )
    retail_value_cents = models.BigIntegerField(
        _("retail value"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Of the dearest product, fixed at approval."),
    )

    class Meta:
        verbose_name = _("reward group")
        verbose_name_plural = _("reward groups")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "marketplace"], name="reward_group_once"),
            models.UniqueConstraint(fields=["campaign", "key"], name="reward_group_key_once"),
            models.UniqueConstraint(fields=["id", "kind"], name="reward_group_kind"),
            models.CheckConstraint(condition=~Q(key=""), name="reward_group_key_not_empty"),
            models.CheckConstraint(
                condition=Q(kind="products", category=None, percent_off=None)
                | (Q(kind="category") & ~Q(category=None)),
                name="reward_group_products_or_category",
            ),
            models.CheckConstraint(
                condition=Q(percent_off=None) | Q(percent_off__gte=1, percent_off__lte=100),
                name="reward_group_percent_sane",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def currency(self) -> str:
        return self.marketplace.currency


class GroupProduct(models.Model):
    """One of a group's products. A sixth, or one in a category group, the database refuses."""

    group = models.ForeignKey(RewardGroup, models.CASCADE, related_name="choices")
    group_kind = models.CharField(max_length=8, default="products", editable=False)
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    reward_value_cents = models.BigIntegerField(
        _("reward value"), null=True, blank=True, help_text=_("In the marketplace's currency, fixed at approval.")
    )

    class Meta:
        verbose_name = _("product of a group")
        verbose_name_plural = _("products of a group")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["group", "product"], name="group_product_once"),
            models.UniqueConstraint(fields=["group", "position"], name="group_position_once"),
            models.CheckConstraint(condition=Q(position__gte=1, position__lte=5), name="group_at_most_five"),
            # A foreign key (group, group_kind) → (id, kind) in ``database.sql`` keeps products out of category groups.
            models.CheckConstraint(condition=Q(group_kind="products"), name="group_product_of_products"),
        ]

    def __str__(self) -> str:
        return str(self.product)


class MomentCost(models.Model):
    """What the organization is charged for one reward of a moment in one marketplace (CPA)."""

    moment = models.ForeignKey(Moment, models.CASCADE, related_name="costs")
    group = models.ForeignKey(RewardGroup, models.CASCADE, related_name="costs", verbose_name=_("reward group"))
    cpa_cents = models.BigIntegerField(_("cost per action"), help_text=_("US cents, tax included."))

    class Meta:
        verbose_name = _("cost per action")
        verbose_name_plural = _("costs per action")
        ordering = ["moment__position", "moment_id", "group_id"]
        constraints = [
            models.UniqueConstraint(fields=["moment", "group"], name="moment_cost_once"),
            models.CheckConstraint(condition=Q(cpa_cents__gte=1), name="moment_cost_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.moment} in {self.group}"
