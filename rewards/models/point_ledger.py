"""The ledger of points: accounts, batches with their expiry, and the append-only entries that they add up to."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rewards.models.points import PointRule, PointRuleVersion, PointsProgram, PointStatus


class PointAccount(models.Model):
    """One user's points in a program, as of ``settled_at``.

    ``available + pending - owed`` is the sum of the user's entries and, with ``owed`` added, of what the batches have
    left. Points become available and expire by the clock: what is due after ``settled_at`` is computed by whoever
    reads (``rewards/points/balances.py``) and written with the next posting. ``due_at`` is never later than the next
    such instant; it is ``settled_at`` while automatic exchanges of points that became available are missing.
    ``test_ledger`` is 0 for live points, else the number of the test ledger.
    """

    program = models.ForeignKey(PointsProgram, models.PROTECT, related_name="accounts", db_index=False)
    # Sorted by codes, so that one index finds a user, those whose id begins with a text, and the next page of a list.
    app_user_id = models.CharField(_("the app's user"), max_length=128, db_collation="C")
    test_ledger = models.PositiveIntegerField(_("test ledger"), default=0)
    available = models.BigIntegerField(_("available"), default=0)
    pending = models.BigIntegerField(_("pending"), default=0)
    owed = models.BigIntegerField(_("owed"), default=0)
    status = models.ForeignKey(
        PointStatus, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("status"), db_index=False
    )
    settled_at = models.DateTimeField(_("settled"), default=timezone.now)
    due_at = models.DateTimeField(_("next change"), null=True, blank=True)

    class Meta:
        verbose_name = _("point account")
        verbose_name_plural = _("point accounts")
        indexes = [
            models.Index(fields=["due_at"], condition=~Q(due_at=None), name="point_account_due"),
            models.Index(fields=["program", "test_ledger", "available", "id"], name="point_account_by_available"),
            models.Index(fields=["status"], condition=~Q(status=None), name="point_account_by_status"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["program", "app_user_id", "test_ledger"], name="point_account_once"),
            models.CheckConstraint(
                condition=Q(available__gte=0, pending__gte=0, owed__gte=0), name="point_account_not_negative"
            ),
            models.CheckConstraint(condition=Q(available=0) | Q(owed=0), name="point_account_owes_or_has"),
        ]

    def __str__(self) -> str:
        return self.app_user_id

    @property
    def is_live(self) -> bool:
        return self.test_ledger == 0


class PointAppUser(models.Model):
    """When a program first saw a user from one of its apps."""

    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="seen_in", db_index=False)
    app = models.ForeignKey("accounts.App", models.PROTECT, related_name="+", db_index=False)
    first_seen_at = models.DateTimeField(_("first seen"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "app"], name="point_app_user_once")]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.app_id}"


class PointBatch(models.Model):
    """Points of one user that become available and expire together.

    Credits of the same days share a batch, so that open batches are bounded by days, not by events. ``available_at`` is
    empty where nothing was pending, ``expires_at`` where points never expire. ``original - remaining`` is the sum of
    its allocations. ``lapsed`` counts points that had expired when their event was reversed.
    """

    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="batches", db_index=False)
    vintage = models.PositiveIntegerField(default=0)
    available_at = models.DateTimeField(_("available from"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    original = models.BigIntegerField(_("credited"))
    remaining = models.BigIntegerField(_("left"))
    expired = models.BigIntegerField(_("expired"), default=0)
    lapsed = models.BigIntegerField(_("expired before a reversal"), default=0)

    class Meta:
        verbose_name = _("point batch")
        verbose_name_plural = _("point batches")
        indexes = [
            models.Index(
                fields=["account", "expires_at"],
                include=["remaining", "available_at", "vintage", "id"],
                condition=Q(remaining__gt=0),
                name="point_batch_open",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "vintage", "available_at", "expires_at"],
                nulls_distinct=False,
                name="point_batch_once",
            ),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, remaining__lte=F("original")), name="point_batch_within_original"
            ),
            models.CheckConstraint(
                condition=Q(expired__gte=0, lapsed__gte=0, lapsed__lte=F("expired")), name="point_batch_lapsed_expired"
            ),
            models.CheckConstraint(
                condition=Q(available_at=None) | Q(expires_at=None) | Q(expires_at__gt=F("available_at")),
                name="point_batch_available_before_expiry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remaining} of {self.original}"


class PointEvent(models.Model):
    """A user action that an app reported. It counts once, for ever."""

    app = models.ForeignKey("accounts.App", models.PROTECT, related_name="point_events", db_index=False)
    event_id = models.CharField(_("event"), max_length=128)
    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="events", db_index=False)
    test_ledger = models.PositiveIntegerField(_("test ledger"), default=0)
    action = models.CharField(_("action"), max_length=60)
    category = models.CharField(_("category"), max_length=60, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True, help_text=_("In minor units."))
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    fingerprint = models.CharField(max_length=64, editable=False)
    rule_version = models.ForeignKey(PointRuleVersion, models.PROTECT, null=True, related_name="+", db_index=False)
    points = models.PositiveBigIntegerField(_("points"), default=0)
    occurred_at = models.DateTimeField(_("occurred"))
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("point event")
        verbose_name_plural = _("point events")
        constraints = [
            models.UniqueConstraint(fields=["app", "event_id", "test_ledger"], name="point_event_once"),
            models.CheckConstraint(
                condition=Q(amount_minor=None) | (Q(amount_minor__gte=0) & ~Q(currency="")),
                name="point_event_amount_in_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return self.event_id


class PointEntry(models.Model):
    """One line of the points ledger. Append-only: a trigger refuses UPDATE and DELETE."""

    class Kind(models.TextChoices):
        CREDIT = "credit", _("credited")
        DEBIT = "debit", _("exchanged")
        REVERSAL = "reversal", _("reversed")
        EXPIRY = "expiry", _("expired")
        ADJUSTMENT = "adjustment", _("adjusted")

    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    amount = models.BigIntegerField(_("points"))
    reference = models.CharField(_("for"), max_length=200, unique=True)
    batch = models.ForeignKey(PointBatch, models.PROTECT, null=True, blank=True, related_name="credits", db_index=False)
    event = models.ForeignKey(PointEvent, models.PROTECT, null=True, blank=True, related_name="entries", db_index=False)
    action = models.CharField(_("action"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    occurred_at = models.DateTimeField(_("occurred"))
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("point entry")
        verbose_name_plural = _("point entries")
        ordering = ["-id"]
        indexes = [models.Index(fields=["account", "-id"], name="point_entry_by_account")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="credit", amount__gt=0)
                | Q(kind__in=["debit", "reversal", "expiry"], amount__lt=0)
                | (Q(kind="adjustment") & ~Q(amount=0)),
                name="point_entry_signed",
            ),
            models.CheckConstraint(
                condition=Q(amount__lt=0) | Q(batch__isnull=False), name="point_entry_credits_a_batch"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+d} {self.reference}"


class PointAllocation(models.Model):
    """What an entry took from a batch. Append-only. Without an entry, a credit paid what its user owed."""

    entry = models.ForeignKey(PointEntry, models.PROTECT, null=True, blank=True, related_name="allocations")
    batch = models.ForeignKey(PointBatch, models.PROTECT, related_name="allocations")
    amount = models.BigIntegerField(_("points"))
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("point allocation")
        verbose_name_plural = _("point allocations")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="point_allocation_positive")]

    def __str__(self) -> str:
        return f"{self.amount} of batch {self.batch_id}"


class PointCapUse(models.Model):
    """How much of a rule's cap a user has used in a window of the program's time zone."""

    class Window(models.TextChoices):
        DAY = "day", _("day")
        WEEK = "week", _("week")
        LIFETIME = "lifetime", _("lifetime")

    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="cap_uses", db_index=False)
    rule = models.ForeignKey(PointRule, models.PROTECT, related_name="+", db_index=False)
    window = models.CharField(_("window"), max_length=8, choices=Window.choices)
    window_start = models.DateField(_("first day"))
    points = models.BigIntegerField(_("points"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "rule", "window", "window_start"], name="point_cap_use_once"),
            models.CheckConstraint(condition=Q(points__gte=0), name="point_cap_use_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.points} in {self.window} {self.window_start}"


class PointDailyEarned(models.Model):
    """What a user earned on one local day, for statuses; less what was reversed of that day's events."""

    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="daily_earned", db_index=False)
    day = models.DateField(_("day"))
    points = models.BigIntegerField(_("points"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="point_daily_earned_once"),
            models.CheckConstraint(condition=Q(points__gte=0), name="point_daily_earned_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.points} on {self.day}"


class PointReversal(models.Model):
    """Points of an event that were taken back. Append-only. ``lapsed`` of them had expired, so nothing was debited."""

    event = models.ForeignKey(PointEvent, models.PROTECT, related_name="reversals")
    app = models.ForeignKey("accounts.App", models.PROTECT, related_name="+")
    test_ledger = models.PositiveIntegerField(_("test ledger"), default=0)
    idempotency_key = models.CharField(max_length=255, blank=True)
    fingerprint = models.CharField(max_length=64)
    quantity = models.PositiveIntegerField(_("quantity"), null=True, blank=True)
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    points = models.BigIntegerField(_("points"))
    lapsed = models.BigIntegerField(_("already expired"), default=0)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["app", "idempotency_key", "test_ledger"],
                condition=~Q(idempotency_key=""),
                name="point_reversal_key_once",
            ),
            models.UniqueConstraint(
                fields=["event"],
                condition=Q(quantity=None, amount_minor=None),
                name="point_reversal_whole_once",
            ),
            models.CheckConstraint(
                condition=Q(points__gte=0, lapsed__gte=0, lapsed__lte=F("points")), name="point_reversal_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(quantity=None) | Q(amount_minor=None), name="point_reversal_by_one_measure"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} of {self.event_id}"


class PointAdjustment(models.Model):
    """Points that a member or the app's server gave or took with a reason. Append-only."""

    account = models.ForeignKey(PointAccount, models.PROTECT, related_name="adjustments")
    app = models.ForeignKey("accounts.App", models.PROTECT, null=True, blank=True, related_name="+")
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    entry = models.OneToOneField(PointEntry, models.PROTECT, related_name="adjustment")
    points = models.BigIntegerField(_("points"))
    reason = models.CharField(_("reason"), max_length=300)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))
    test_ledger = models.PositiveIntegerField(_("test ledger"), default=0)

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        constraints = [
            models.UniqueConstraint(
                fields=["app", "idempotency_key", "test_ledger"], nulls_distinct=False, name="point_adjustment_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="point_adjustment_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.points:+d} for {self.account_id}"
