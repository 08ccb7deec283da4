"""Points programs: what earns points, when they count more, and what they are worth."""

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moments.names import NameField

if TYPE_CHECKING:
    from accounts.models import App

APP_FIRST_SEEN = "app_first_seen"  # the built-in action: a user of the program is seen in another of its apps


class PointsProgram(models.Model):
    """One set of users over one or more apps of an organization.

    ``vintage`` counts how often a tier became automatic. Points carry the vintage in which they were credited, and an
    automatic tier takes points of its own vintage and later ones alone: never a balance from before.
    ``test_ledger`` is the number of the ledger that test keys use now; clearing it begins the next one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="points_programs")
    name = NameField(_("name"), max_length=120)
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        help_text=_("Caps, pending periods, and expiry count its days."),
    )
    points_valid_days = models.PositiveIntegerField(
        _("points expire after (days)"), null=True, blank=True, help_text=_("Empty: points never expire.")
    )
    pending_days = models.PositiveIntegerField(
        _("pending period (days)"), default=0, help_text=_("Points can be spent this many days after the event.")
    )
    vintage = models.PositiveIntegerField(default=0, editable=False)
    test_ledger = models.PositiveIntegerField(default=1, editable=False)
    apps = models.ManyToManyField(
        "accounts.App", verbose_name=_("apps"), through="ProgramApp", related_name="points_programs"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("points program")
        verbose_name_plural = _("points programs")
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="program_name_once"),
            models.CheckConstraint(
                condition=Q(points_valid_days=None) | Q(points_valid_days__gte=1), name="program_valid_days_positive"
            ),
            models.CheckConstraint(condition=Q(test_ledger__gte=1), name="program_test_ledger_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def current_apps(self) -> "models.QuerySet[App]":
        """The apps that are in the program now."""
        return self.apps.filter(program_links__program=self, program_links__left_at=None)


class ProgramApp(models.Model):
    """An app in a program, from when until when. An app is in one program at most at a time."""

    program = models.ForeignKey(PointsProgram, models.PROTECT, related_name="program_apps")
    app = models.ForeignKey("accounts.App", models.PROTECT, related_name="program_links")
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["app"], condition=Q(left_at=None), name="program_app_once"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("joined_at")), name="program_app_leaves_after_it_joins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.app} in {self.program}"


class PointCategory(models.Model):
    """A product category of the program's apps, as their events name it."""

    program = models.ForeignKey(PointsProgram, models.PROTECT, related_name="categories")
    key = models.CharField(_("key"), max_length=60)
    name = NameField(_("name"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("point category")
        verbose_name_plural = _("point categories")
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["program", "key"], name="point_category_once")]

    def __str__(self) -> str:
        return self.name or self.key


class PointRule(models.Model):
    """What an action earns, for one category or for any. What it gives is in its versions."""

    program = models.ForeignKey(PointsProgram, models.PROTECT, related_name="rules")
    action = models.CharField(_("action"), max_length=60)
    category = models.ForeignKey(
        PointCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        verbose_name=_("category"),
        help_text=_("Empty: every category that has no rule of its own."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("point rule")
        verbose_name_plural = _("point rules")
        ordering = ["action", "category__key", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "action", "category"],
                condition=Q(deleted_at=None),
                nulls_distinct=False,
                name="point_rule_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} ({self.category})" if self.category_id else self.action

    @property
    def current(self) -> "PointRuleVersion":
        """The version that counts for events of now on; the last one of a deleted rule."""
        return max(self.versions.all(), key=lambda version: version.pk)


class PointRuleVersion(models.Model):
    """What a rule gave in one period. An event is judged by the version of its own time.

    A rule's first version has no ``effective_from``: it counts events that arrive late, too. An edit, a pause, and a
    deletion close a version; an edit and a resumption open the next.
    """

    rule = models.ForeignKey(PointRule, models.PROTECT, related_name="versions")
    effective_from = models.DateTimeField(_("in force from"), null=True, blank=True)
    effective_until = models.DateTimeField(_("in force until"), null=True, blank=True)
    points_per_event = models.PositiveIntegerField(_("points per event"), default=0)
    points_per_quantity = models.PositiveIntegerField(_("points per unit of quantity"), default=0)
    points_per_amount = models.DecimalField(
        _("points per unit of money"),
        max_digits=9,
        decimal_places=2,
        default=Decimal(0),
        help_text=_("For each whole dollar, euro, or yen of the rule's currency."),
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    minimum_quantity = models.PositiveIntegerField(_("minimum quantity"), null=True, blank=True)
    minimum_amount_minor = models.BigIntegerField(
        _("minimum amount"), null=True, blank=True, help_text=_("In minor units of the rule's currency.")
    )
    daily_cap = models.PositiveIntegerField(_("daily cap per user"), null=True, blank=True)
    weekly_cap = models.PositiveIntegerField(_("weekly cap per user"), null=True, blank=True)
    lifetime_cap = models.PositiveIntegerField(_("lifetime cap per user"), null=True, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    pending_days = models.PositiveIntegerField(
        _("pending period (days)"), null=True, blank=True, help_text=_("Empty: the program's own.")
    )
    points_valid_days = models.PositiveIntegerField(
        _("points expire after (days)"), null=True, blank=True, help_text=_("Empty: the program's own.")
    )

    class Meta:
        verbose_name = _("version of a point rule")
        verbose_name_plural = _("versions of point rules")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], condition=Q(effective_until=None), name="point_rule_version_open_once"
            ),
            models.CheckConstraint(
                condition=Q(points_per_event__gt=0) | Q(points_per_quantity__gt=0) | Q(points_per_amount__gt=0),
                name="point_rule_version_gives_points",
            ),
            models.CheckConstraint(
                condition=~Q(currency="") | Q(points_per_amount=0, minimum_amount_minor=None),
                name="point_rule_version_names_currency",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="point_rule_version_validity_in_order",
            ),
            models.CheckConstraint(
                condition=Q(points_valid_days=None) | Q(points_valid_days__gte=1),
                name="point_rule_version_valid_days_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} #{self.pk}"


class PointStatus(models.Model):
    """A level such as *gold*: so many points earned within a rolling period. The grace period delays falling back."""

    program = models.ForeignKey(PointsProgram, models.PROTECT, related_name="statuses")
    name = NameField(_("name"), max_length=60)
    threshold = models.PositiveIntegerField(_("points to earn"))
    period_days = models.PositiveIntegerField(_("within days"), default=365)
    grace_days = models.PositiveIntegerField(
        _("grace period (days)"), default=0, help_text=_("How long a user keeps the status after falling below.")
    )

    class Meta:
        verbose_name = _("points status")
        verbose_name_plural = _("points statuses")
        ordering = ["threshold"]
        constraints = [
            models.UniqueConstraint(fields=["program", "name"], name="point_status_name_once"),
            models.UniqueConstraint(fields=["program", "threshold"], name="point_status_threshold_once"),
            models.CheckConstraint(
                condition=Q(threshold__gte=1, period_days__gte=1), name="point_status_numbers_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PointMultiplier(models.Model):
    """More points in a period, for a status, or both. Where several apply to an event, the highest one counts.

    What it says is in its versions.
    """

    program = models.ForeignKey(PointsProgram, models.PROTECT, related_name="multipliers")
    name = NameField(_("name"), max_length=120)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("points multiplier")
        verbose_name_plural = _("points multipliers")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def current(self) -> "PointMultiplierVersion":
        """The version that counts for events of now on; the last one of a deleted multiplier."""
        return max(self.versions.all(), key=lambda version: version.pk)


class PointMultiplierVersion(models.Model):
    """What a multiplier said in one period, as ``PointRuleVersion`` is for a rule."""

    multiplier = models.ForeignKey(PointMultiplier, models.PROTECT, related_name="versions")
    effective_from = models.DateTimeField(_("in force from"), null=True, blank=True)
    effective_until = models.DateTimeField(_("in force until"), null=True, blank=True)
    factor = models.DecimalField(_("factor"), max_digits=5, decimal_places=2)
    action = models.CharField(_("action"), max_length=60, blank=True, help_text=_("Empty: every action."))
    status = models.ForeignKey(
        PointStatus,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="multiplier_versions",
        verbose_name=_("status"),
        help_text=_("This status and every higher one."),
    )
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("version of a points multiplier")
        verbose_name_plural = _("versions of points multipliers")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["multiplier"], condition=Q(effective_until=None), name="point_multiplier_version_open_once"
            ),
            models.CheckConstraint(condition=Q(factor__gt=0), name="point_multiplier_version_positive"),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="point_multiplier_version_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.multiplier} #{self.pk}"


class PointTier(models.Model):
    """So many points are worth a moment's reward."""

    program = models.ForeignKey(PointsProgram, models.PROTECT, related_name="tiers")
    points = models.PositiveIntegerField(_("points"))
    name = NameField(_("name"), max_length=120, blank=True, help_text=_("Empty: the name of the reward."))
    picture = models.CharField(_("picture"), max_length=200, blank=True, editable=False)
    moment = models.ForeignKey("campaigns.Moment", models.PROTECT, related_name="+", verbose_name=_("reward of"))
    group = models.ForeignKey("campaigns.RewardGroup", models.PROTECT, related_name="+", verbose_name=_("reward group"))
    status = models.ForeignKey(
        PointStatus,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tiers",
        verbose_name=_("status"),
        help_text=_("Users need this status or a higher one."),
    )
    is_once = models.BooleanField(
        _("once per user"), default=False, help_text=_("A user can exchange points for it once.")
    )
    is_automatic = models.BooleanField(
        _("automatic"), default=False, help_text=_("Exchange as soon as the user has enough points.")
    )
    vintage = models.PositiveIntegerField(
        null=True,
        editable=False,
        help_text=_("The first vintage of points that are exchanged automatically."),
    )
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["points", "id"]
        constraints = [
            models.UniqueConstraint(fields=["program", "points"], condition=Q(retired_at=None), name="point_tier_once"),
            models.CheckConstraint(condition=Q(points__gte=1), name="point_tier_positive"),
            models.CheckConstraint(
                condition=Q(is_automatic=False) | ~Q(vintage=None), name="point_tier_automatic_from_a_vintage"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.points} → {self.moment}"


class PointDailyTotals(models.Model):
    """What one local day of a program credited, spent, expired, took back, and adjusted. Moves with every posting."""

    program = models.ForeignKey(PointsProgram, models.PROTECT, related_name="daily_totals", db_index=False)
    day = models.DateField(_("day"), help_text=_("In the program's time zone."))
    credited = models.BigIntegerField(_("credited"), default=0)
    spent = models.BigIntegerField(_("spent"), default=0)
    expired = models.BigIntegerField(_("expired"), default=0)
    reversed = models.BigIntegerField(_("reversed"), default=0)
    adjusted = models.BigIntegerField(_("adjusted"), default=0)
    members = models.IntegerField(_("new members"), default=0)

    class Meta:
        verbose_name = _("daily points totals")
        verbose_name_plural = _("daily points totals")
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["program", "day"], name="point_totals_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.program_id}"
