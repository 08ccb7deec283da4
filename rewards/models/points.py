"""Points that users pile up for rewards."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moments.names import NameField
from rewards.models.reward import Reward


class PointsProgram(models.Model):
    """One set of users over one or more apps of an organization."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="points_programs")
    name = NameField(_("name"), max_length=120)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", help_text=_("Daily caps count its days.")
    )
    apps = models.ManyToManyField(
        "accounts.App", verbose_name=_("apps"), through="ProgramApp", related_name="points_programs"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("points program")
        verbose_name_plural = _("points programs")
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="program_name_once")]

    def __str__(self) -> str:
        return self.name


class ProgramApp(models.Model):
    """An app in a program; an app is in one at most."""

    program = models.ForeignKey(PointsProgram, models.CASCADE)
    app = models.OneToOneField("accounts.App", models.CASCADE, related_name="program_link")

    def __str__(self) -> str:
        return f"{self.app} in {self.program}"


class PointRule(models.Model):
    """What an action earns."""

    program = models.ForeignKey(PointsProgram, models.CASCADE, related_name="rules")
    action = models.CharField(_("action"), max_length=60)
    points_per_event = models.PositiveIntegerField(_("points per event"), default=0)
    points_per_unit = models.PositiveIntegerField(_("points per unit spent"), default=0)
    daily_cap = models.PositiveIntegerField(_("daily cap per user"), null=True, blank=True)
    lifetime_cap = models.PositiveIntegerField(_("lifetime cap per user"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("point rule")
        verbose_name_plural = _("point rules")
        constraints = [models.UniqueConstraint(fields=["program", "action"], name="point_rule_once")]

    def __str__(self) -> str:
        return self.action


class PointTier(models.Model):
    """So many points are worth a moment's reward."""

    program = models.ForeignKey(PointsProgram, models.CASCADE, related_name="tiers")
    points = models.PositiveIntegerField(_("points"))
    moment = models.ForeignKey("campaigns.Moment", models.PROTECT, related_name="+", verbose_name=_("reward of"))
    group = models.ForeignKey("campaigns.RewardGroup", models.PROTECT, related_name="+", verbose_name=_("reward group"))
    is_automatic = models.BooleanField(
        _("automatic"), default=False, help_text=_("Exchange as soon as the user has enough points.")
    )
    automatic_since = models.DateTimeField(
        _("automatic since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Points that a user had before this time are never exchanged automatically."),
    )

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["points"]
        constraints = [
            models.UniqueConstraint(fields=["program", "points"], name="point_tier_once"),
            models.CheckConstraint(condition=Q(points__gte=1), name="point_tier_positive"),
            models.CheckConstraint(
                condition=Q(is_automatic=False) | ~Q(automatic_since=None), name="point_tier_automatic_since_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} → {self.moment}"


class PointAccount(models.Model):
    """One user's points in a program. ``available - owed`` is the sum of the user's entries."""

    program = models.ForeignKey(PointsProgram, models.PROTECT, related_name="accounts")
    app_user_id = models.CharField(_("the app's user"), max_length=128)
    available = models.BigIntegerField(_("available"), default=0)
    owed = models.BigIntegerField(_("owed"), default=0)

    class Meta:
        verbose_name = _("point account")
        verbose_name_plural = _("point accounts")
        constraints = [
            models.UniqueConstraint(fields=["program", "app_user_id"], name="point_account_once"),
            models.CheckConstraint(condition=Q(available__gte=0, owed__gte=0), name="point_account_not_negative"),
            models.CheckConstraint(condition=Q(available=0) | Q(owed=0), name="point_account_owes_or_has"),
        ]

    def __str__(self) -> str:
        return self.app_user_id


class PointEvent(models.Model):
    """A user action the app told us of. Counts once."""

    program = models.ForeignKey(PointsProgram, models.PROTECT, related_name="events")
    app = models.ForeignKey("accounts.App", models.PROTECT, related_name="point_events")
    event_id = models.CharField(_("event"), max_length=128)
    app_user_id = models.CharField(_("the app's user"), max_length=128)
    action = models.CharField(_("action"), max_length=60)
    units = models.PositiveIntegerField(_("units"), default=1)
    fingerprint = models.CharField(max_length=64, editable=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("point event")
        verbose_name_plural = _("point events")
        constraints = [models.UniqueConstraint(fields=["app", "event_id"], name="point_event_once")]

    def __str__(self) -> str:
        return self.event_id


class PointExchange(models.Model):
    """Points turned into a reward, in one transaction."""

    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="exchanges")
    tier = models.ForeignKey(PointTier, models.PROTECT, related_name="exchanges")
    reward = models.OneToOneField(Reward, models.PROTECT, related_name="point_exchange")
    app = models.ForeignKey("accounts.App", models.PROTECT, related_name="+")
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    points = models.PositiveIntegerField(_("points"))
    event = models.ForeignKey(
        PointEvent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="exchanges",
        help_text=_("The event that caused an automatic exchange."),
    )
    is_automatic = models.BooleanField(_("automatic"), default=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        constraints = [models.UniqueConstraint(fields=["app", "idempotency_key"], name="point_exchange_once")]

    def __str__(self) -> str:
        return f"{self.points} of {self.account}"


class StuckExchange(models.Model):
    """An automatic exchange that the campaign refused. It debits nothing and waits for a member of the organization."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("open")
        EXCHANGED = "exchanged", _("exchanged")
        DISMISSED = "dismissed", _("dismissed")

    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="stuck_exchanges")
    tier = models.ForeignKey(PointTier, models.PROTECT, related_name="stuck_exchanges")
    event = models.ForeignKey(PointEvent, models.PROTECT, related_name="stuck_exchanges")
    code = models.CharField(_("code"), max_length=60)
    reason = models.CharField(_("reason"), max_length=300)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    occurred_at = models.DateTimeField(_("since"))
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)

    class Meta:
        verbose_name = _("stuck exchange")
        verbose_name_plural = _("stuck exchanges")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "tier"], condition=Q(outcome="open"), name="stuck_exchange_open_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="open", resolved_at=None) | (~Q(outcome="open") & ~Q(resolved_at=None)),
                name="stuck_exchange_resolved_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier} for {self.account}"


class PointEntry(models.Model):
    """One line of the points ledger. Append-only: a trigger refuses UPDATE and DELETE."""

    class Kind(models.TextChoices):
        CREDIT = "credit", _("credited")
        DEBIT = "debit", _("debited")
        REVERSAL = "reversal", _("reversed")
        EXPIRY = "expiry", _("expired")

    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="entries")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    amount = models.BigIntegerField(_("points"))
    reference = models.CharField(_("for"), max_length=200, unique=True)
    action = models.CharField(_("action"), max_length=60, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("point entry")
        verbose_name_plural = _("point entries")
        ordering = ["-id"]
        indexes = [models.Index(F("account"), F("action"), F("at"), name="point_entry_by_action")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="credit", amount__gte=0) | (~Q(kind="credit") & Q(amount__lte=0)),
                name="point_entry_signed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount:+d} {self.reference}"
