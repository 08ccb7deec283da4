"""The promise: rewards, and the points that users pile up for them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moments.ids import uuid7


class RewardQuerySet(models.QuerySet["Reward"]):
    def visible_to(self, member):
        return self.filter(organization_id=member.organization_id)

    def due_for_expiry(self, now):
        return self.filter(
            status__in=[Reward.Status.ISSUED, Reward.Status.CLAIMED], campaign__rewards_expire_at__lte=now
        ).order_by("id")


class Reward(models.Model):
    """A promise to one user of an app: claim it before ``campaign.rewards_expire_at``.

    A developer sees issued, voided and window closed, never ``status`` or anything about the customer.
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

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Without indexes of their own: those below begin with the same columns.
    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="rewards", db_index=False)
    app = models.ForeignKey("accounts.App", models.PROTECT, related_name="rewards")
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
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    token_key_version = models.PositiveSmallIntegerField(editable=False)
    issued_at = models.DateTimeField(_("issued"))
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="rewards"
    )
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)

    objects = RewardQuerySet.as_manager()

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["campaign", "status"], name="reward_by_campaign"),
            # Of the console's lists: newest first, narrowed by one thing or another.
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
            models.UniqueConstraint(fields=["moment", "app_user_id", "user_slot"], name="reward_user_slot_once"),
            models.CheckConstraint(
                condition=Q(charge_cents__gte=0, credit_cents__gte=0), name="reward_amounts_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["issued", "expired"]) | (~Q(customer=None) & ~Q(claimed_at=None)),
                name="reward_claimed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(app_user_id=None, user_slot=None) | (~Q(app_user_id=None) & ~Q(user_slot=None)),
                name="reward_user_has_slot",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class BooksCheck(models.Model):
    """One comparison of counters, ledger, rewards and events, and what differed."""

    at = models.DateTimeField(_("checked"), db_index=True)
    took_ms = models.PositiveIntegerField(_("took"), help_text=_("Milliseconds."))
    discrepancies = models.JSONField(_("what differed"), default=list)

    class Meta:
        verbose_name = _("check of the books")
        verbose_name_plural = _("books")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def balanced(self) -> bool:
        return not self.discrepancies

    @property
    def lines(self) -> list[str]:
        return [row["told"] for row in self.discrepancies]

    @classmethod
    def last_balanced(cls):
        """When the books last agreed; None where they never did."""
        return cls.objects.filter(discrepancies=[]).values_list("at", flat=True).first()


class PointsProgramme(models.Model):
    """One set of users over one or more apps of an organization."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="points_programmes")
    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", help_text=_("Daily caps count its days.")
    )
    apps = models.ManyToManyField(
        "accounts.App", verbose_name=_("apps"), through="ProgrammeApp", related_name="points_programmes"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("points programme")
        verbose_name_plural = _("points programmes")
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="programme_name_once")]

    def __str__(self) -> str:
        return self.name


class ProgrammeApp(models.Model):
    """An app in a programme; an app is in one at most."""

    programme = models.ForeignKey(PointsProgramme, models.CASCADE)
    app = models.OneToOneField("accounts.App", models.CASCADE, related_name="programme_link")

    def __str__(self) -> str:
        return f"{self.app} in {self.programme}"


class PointRule(models.Model):
    """What an action earns."""

    programme = models.ForeignKey(PointsProgramme, models.CASCADE, related_name="rules")
    action = models.CharField(_("action"), max_length=60)
    points_per_event = models.PositiveIntegerField(_("points per event"), default=0)
    points_per_unit = models.PositiveIntegerField(_("points per unit spent"), default=0)
    daily_cap = models.PositiveIntegerField(_("daily cap per user"), null=True, blank=True)
    lifetime_cap = models.PositiveIntegerField(_("lifetime cap per user"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("point rule")
        verbose_name_plural = _("point rules")
        constraints = [models.UniqueConstraint(fields=["programme", "action"], name="point_rule_once")]

    def __str__(self) -> str:
        return self.action


class PointTier(models.Model):
    """So many points are worth a moment's reward."""

    programme = models.ForeignKey(PointsProgramme, models.CASCADE, related_name="tiers")
    points = models.PositiveIntegerField(_("points"))
    moment = models.ForeignKey("campaigns.Moment", models.PROTECT, related_name="+", verbose_name=_("reward of"))
    group = models.ForeignKey("campaigns.RewardGroup", models.PROTECT, related_name="+", verbose_name=_("reward group"))
    is_automatic = models.BooleanField(
        _("automatic"), default=False, help_text=_("Exchange as soon as the points are there.")
    )

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["points"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "points"], name="point_tier_once"),
            models.CheckConstraint(condition=Q(points__gte=1), name="point_tier_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.points} → {self.moment}"


class PointAccount(models.Model):
    """One user's points in a programme. ``available - owed`` is the sum of the user's entries."""

    programme = models.ForeignKey(PointsProgramme, models.PROTECT, related_name="accounts")
    app_user_id = models.CharField(_("the app's user"), max_length=128)
    available = models.BigIntegerField(_("available"), default=0)
    owed = models.BigIntegerField(_("owed"), default=0)

    class Meta:
        verbose_name = _("point account")
        verbose_name_plural = _("point accounts")
        constraints = [
            models.UniqueConstraint(fields=["programme", "app_user_id"], name="point_account_once"),
            models.CheckConstraint(condition=Q(available__gte=0, owed__gte=0), name="point_account_not_negative"),
            models.CheckConstraint(condition=Q(available=0) | Q(owed=0), name="point_account_owes_or_has"),
        ]

    def __str__(self) -> str:
        return self.app_user_id


class PointEvent(models.Model):
    """A user action the app told us of. Counts once."""

    programme = models.ForeignKey(PointsProgramme, models.PROTECT, related_name="events")
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
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        constraints = [models.UniqueConstraint(fields=["app", "idempotency_key"], name="point_exchange_once")]

    def __str__(self) -> str:
        return f"{self.points} of {self.account}"


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


from rewards.batch_models import BatchRow, RewardBatch  # noqa: E402, F401 - a file of their own; Django finds them here
