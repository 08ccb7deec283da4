import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import moments.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("campaigns", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClaimFingerprint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("device", "device"),
                            ("network", "network and kind of browser"),
                            ("address", "delivery address"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("occurred_at", models.DateTimeField(verbose_name="when")),
            ],
            options={
                "verbose_name": "claim fingerprint",
                "verbose_name_plural": "claim fingerprints",
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "kind", "digest", "customer"), name="claim_trace_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyRewardTotals",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reward_days",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "moment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.moment",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.rewardgroup",
                    ),
                ),
                (
                    "device_type",
                    models.CharField(
                        choices=[("Android", "Android"), ("iOS", "iOS"), ("FireOS", "FireOS"), ("Web", "Web")],
                        max_length=8,
                        verbose_name="device",
                    ),
                ),
                ("day", models.DateField(help_text="UTC.", verbose_name="day")),
                ("actions", models.PositiveIntegerField(verbose_name="actions")),
                ("cents", models.BigIntegerField(help_text="US cents.", verbose_name="charged")),
            ],
            options={
                "verbose_name": "daily reward totals",
                "verbose_name_plural": "daily reward totals",
                "indexes": [
                    models.Index(fields=["organization", "day"], name="reward_day_by_organization"),
                    models.Index(fields=["campaign", "day"], name="reward_day_by_campaign"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("moment", "group", "device_type", "day"), name="reward_day_once"),
                    models.CheckConstraint(
                        condition=models.Q(("actions__gte", 1), ("cents__gte", 0)), name="reward_day_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReconciliationRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("checked_at", models.DateTimeField(db_index=True, verbose_name="checked")),
                ("took_ms", models.PositiveIntegerField(help_text="Milliseconds.", verbose_name="took")),
                ("discrepancies", models.JSONField(default=list, verbose_name="what differed")),
            ],
            options={
                "verbose_name": "reconciliation run",
                "verbose_name_plural": "reconciliation",
                "ordering": ["-checked_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Reward",
            fields=[
                ("id", models.UUIDField(default=moments.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rewards",
                        to="accounts.organization",
                    ),
                ),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rewards", to="accounts.app"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rewards",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "moment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rewards",
                        to="campaigns.moment",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rewards", to="campaigns.rewardgroup"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("issued", "issued"),
                            ("claimed", "claimed"),
                            ("redeemed", "redeemed"),
                            ("expired", "expired"),
                        ],
                        default="issued",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("api", "API"), ("points", "points"), ("console", "console"), ("csv", "CSV upload")],
                        max_length=8,
                        verbose_name="issued through",
                    ),
                ),
                ("app_user_id", models.CharField(blank=True, max_length=128, null=True, verbose_name="the app's user")),
                (
                    "user_slot",
                    models.PositiveSmallIntegerField(editable=False, help_text="1 to the per-user limit.", null=True),
                ),
                (
                    "device_type",
                    models.CharField(
                        choices=[("Android", "Android"), ("iOS", "iOS"), ("FireOS", "FireOS"), ("Web", "Web")],
                        max_length=8,
                        verbose_name="device",
                    ),
                ),
                ("locale", models.CharField(blank=True, max_length=20, verbose_name="locale")),
                ("charge_cents", models.BigIntegerField(help_text="US cents: the CPA.", verbose_name="charge")),
                (
                    "credit_cents",
                    models.BigIntegerField(
                        help_text="The CPA in the marketplace's currency.", verbose_name="promo credit"
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("idempotency_key", models.CharField(blank=True, editable=False, max_length=255, null=True)),
                ("fingerprint", models.CharField(blank=True, editable=False, max_length=64)),
                ("token_digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("token_key_version", models.PositiveSmallIntegerField(editable=False)),
                ("issued_at", models.DateTimeField(verbose_name="issued")),
                ("voided_at", models.DateTimeField(blank=True, null=True, verbose_name="voided")),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rewards",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("claimed_at", models.DateTimeField(blank=True, null=True, verbose_name="claimed")),
                ("reminders_stopped_at", models.DateTimeField(blank=True, null=True, verbose_name="reminders stopped")),
            ],
            options={
                "verbose_name": "reward",
                "verbose_name_plural": "rewards",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["campaign", "status"], name="reward_by_campaign"),
                    models.Index(fields=["organization", "issued_at", "id"], name="reward_list_organization"),
                    models.Index(fields=["campaign", "issued_at", "id"], name="reward_list_campaign"),
                    models.Index(fields=["moment", "issued_at", "id"], name="reward_list_moment"),
                    models.Index(fields=["organization", "source", "issued_at", "id"], name="reward_list_source"),
                    models.Index(fields=["organization", "app_user_id"], name="reward_list_user"),
                    models.Index(
                        condition=models.Q(("voided_at", None), _negated=True),
                        fields=["organization", "issued_at", "id"],
                        name="reward_list_voided",
                    ),
                    models.Index(
                        condition=models.Q(("customer", None), _negated=True),
                        fields=["customer"],
                        name="reward_by_customer",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("app", "idempotency_key"), name="reward_idempotency_key_once"),
                    models.UniqueConstraint(
                        fields=("moment", "app_user_id", "user_slot"), name="reward_user_slot_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("charge_cents__gte", 0), ("credit_cents__gte", 0)),
                        name="reward_amounts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["issued", "expired"]),
                            models.Q(
                                models.Q(("customer", None), _negated=True),
                                models.Q(("claimed_at", None), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="reward_claimed_by_someone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("app_user_id", None), ("user_slot", None)),
                            models.Q(
                                models.Q(("app_user_id", None), _negated=True),
                                models.Q(
                                    models.Q(("user_slot", None), _negated=True), ("source", "points"), _connector="OR"
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="reward_user_has_slot",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("app_user_id", None), models.Q(("app_user_id", ""), _negated=True), _connector="OR"
                            ),
                            models.Q(
                                ("idempotency_key", None),
                                models.Q(("idempotency_key", ""), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="reward_ids_not_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClaimOverride",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="rewards.reward"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="when")),
            ],
            options={
                "verbose_name": "claim override",
                "verbose_name_plural": "claim overrides",
                "constraints": [models.UniqueConstraint(fields=("reward", "customer"), name="claim_allowance_once")],
            },
        ),
        migrations.CreateModel(
            name="RewardBatch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reward_batches",
                        to="accounts.organization",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reward_batches",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("bad", "has errors"),
                            ("checked", "checked"),
                            ("issuing", "being issued"),
                            ("done", "finished"),
                            ("canceled", "canceled"),
                        ],
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(editable=False, max_length=64)),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("uploaded_at", models.DateTimeField(verbose_name="uploaded")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
            ],
            options={
                "verbose_name": "upload",
                "verbose_name_plural": "uploads",
                "ordering": ["-uploaded_at"],
                "indexes": [
                    models.Index(fields=["campaign", "uploaded_at"], name="batch_by_campaign"),
                    models.Index(
                        condition=models.Q(("status", "issuing")), fields=["confirmed_at"], name="batch_being_issued"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="rewards.rewardbatch",
                    ),
                ),
                (
                    "line",
                    models.PositiveIntegerField(help_text="Of the file, where the row begins.", verbose_name="line"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("bad", "has errors"),
                            ("waiting", "not issued"),
                            ("issued", "issued"),
                            ("repeated", "issued before"),
                            ("refused", "refused"),
                        ],
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("moment", models.CharField(blank=True, max_length=60, verbose_name="moment")),
                ("group", models.CharField(blank=True, max_length=60, verbose_name="reward group")),
                ("app_user_id", models.CharField(blank=True, max_length=128, verbose_name="the app's user")),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="email address")),
                ("device_type", models.CharField(blank=True, max_length=8, verbose_name="device")),
                ("locale", models.CharField(blank=True, max_length=20, verbose_name="locale")),
                ("key", models.CharField(blank=True, max_length=200, verbose_name="your key")),
                (
                    "problems",
                    models.JSONField(default=list, help_text="[column, given, allowed] each.", verbose_name="errors"),
                ),
                ("refusal", models.CharField(blank=True, max_length=40, verbose_name="refusal")),
                (
                    "reward",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_rows",
                        to="rewards.reward",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of an upload",
                "verbose_name_plural": "lines of an upload",
                "ordering": ["line"],
                "indexes": [models.Index(fields=["batch", "status", "line"], name="batch_row_by_status")],
                "constraints": [models.UniqueConstraint(fields=("batch", "line"), name="batch_line_once")],
            },
        ),
        migrations.CreateModel(
            name="PointsProgram",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points_programs",
                        to="accounts.organization",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC", help_text="Daily caps count its days.", max_length=64, verbose_name="time zone"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
            ],
            options={
                "verbose_name": "points program",
                "verbose_name_plural": "points programs",
                "constraints": [models.UniqueConstraint(fields=("organization", "name"), name="program_name_once")],
            },
        ),
        migrations.CreateModel(
            name="PointAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="rewards.pointsprogram"
                    ),
                ),
                ("app_user_id", models.CharField(max_length=128, verbose_name="the app's user")),
                ("available", models.BigIntegerField(default=0, verbose_name="available")),
                ("owed", models.BigIntegerField(default=0, verbose_name="owed")),
            ],
            options={
                "verbose_name": "point account",
                "verbose_name_plural": "point accounts",
                "constraints": [
                    models.UniqueConstraint(fields=("program", "app_user_id"), name="point_account_once"),
                    models.CheckConstraint(
                        condition=models.Q(("available__gte", 0), ("owed__gte", 0)), name="point_account_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("available", 0), ("owed", 0), _connector="OR"),
                        name="point_account_owes_or_has",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="rewards.pointaccount"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("credit", "credited"),
                            ("debit", "debited"),
                            ("reversal", "reversed"),
                            ("expiry", "expired"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="points")),
                ("reference", models.CharField(max_length=200, unique=True, verbose_name="for")),
                ("action", models.CharField(blank=True, max_length=60, verbose_name="action")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "point entry",
                "verbose_name_plural": "point entries",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(models.F("account"), models.F("action"), models.F("at"), name="point_entry_by_action")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gte", 0), ("kind", "credit")),
                            models.Q(models.Q(("kind", "credit"), _negated=True), ("amount__lte", 0)),
                            _connector="OR",
                        ),
                        name="point_entry_signed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PointEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="rewards.pointsprogram"
                    ),
                ),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="point_events", to="accounts.app"
                    ),
                ),
                ("event_id", models.CharField(max_length=128, verbose_name="event")),
                ("app_user_id", models.CharField(max_length=128, verbose_name="the app's user")),
                ("action", models.CharField(max_length=60, verbose_name="action")),
                ("units", models.PositiveIntegerField(default=1, verbose_name="units")),
                ("fingerprint", models.CharField(editable=False, max_length=64)),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "point event",
                "verbose_name_plural": "point events",
                "constraints": [models.UniqueConstraint(fields=("app", "event_id"), name="point_event_once")],
            },
        ),
        migrations.CreateModel(
            name="PointRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="rewards.pointsprogram"
                    ),
                ),
                ("action", models.CharField(max_length=60, verbose_name="action")),
                ("points_per_event", models.PositiveIntegerField(default=0, verbose_name="points per event")),
                ("points_per_unit", models.PositiveIntegerField(default=0, verbose_name="points per unit spent")),
                ("daily_cap", models.PositiveIntegerField(blank=True, null=True, verbose_name="daily cap per user")),
                (
                    "lifetime_cap",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="lifetime cap per user"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "point rule",
                "verbose_name_plural": "point rules",
                "constraints": [models.UniqueConstraint(fields=("program", "action"), name="point_rule_once")],
            },
        ),
        migrations.CreateModel(
            name="PointTier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tiers", to="rewards.pointsprogram"
                    ),
                ),
                ("points", models.PositiveIntegerField(verbose_name="points")),
                (
                    "moment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.moment",
                        verbose_name="reward of",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.rewardgroup",
                        verbose_name="reward group",
                    ),
                ),
                (
                    "is_automatic",
                    models.BooleanField(
                        default=False,
                        help_text="Exchange as soon as the user has enough points.",
                        verbose_name="automatic",
                    ),
                ),
                (
                    "automatic_since",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="Points that a user had before this time are never exchanged automatically.",
                        null=True,
                        verbose_name="automatic since",
                    ),
                ),
            ],
            options={
                "verbose_name": "tier",
                "verbose_name_plural": "tiers",
                "ordering": ["points"],
                "constraints": [
                    models.UniqueConstraint(fields=("program", "points"), name="point_tier_once"),
                    models.CheckConstraint(condition=models.Q(("points__gte", 1)), name="point_tier_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_automatic", False), models.Q(("automatic_since", None), _negated=True), _connector="OR"
                        ),
                        name="point_tier_automatic_since_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointExchange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="exchanges", to="rewards.pointaccount"
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="exchanges", to="rewards.pointtier"
                    ),
                ),
                (
                    "reward",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="point_exchange", to="rewards.reward"
                    ),
                ),
                (
                    "app",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.app"),
                ),
                ("idempotency_key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("points", models.PositiveIntegerField(verbose_name="points")),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        help_text="The event that caused an automatic exchange.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exchanges",
                        to="rewards.pointevent",
                    ),
                ),
                ("is_automatic", models.BooleanField(default=False, verbose_name="automatic")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "exchange",
                "verbose_name_plural": "exchanges",
                "constraints": [models.UniqueConstraint(fields=("app", "idempotency_key"), name="point_exchange_once")],
            },
        ),
        migrations.CreateModel(
            name="ProgramApp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="rewards.pointsprogram")),
                (
                    "app",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="program_link", to="accounts.app"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StuckExchange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stuck_exchanges",
                        to="rewards.pointaccount",
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stuck_exchanges",
                        to="rewards.pointtier",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stuck_exchanges",
                        to="rewards.pointevent",
                    ),
                ),
                ("code", models.CharField(max_length=60, verbose_name="code")),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("open", "open"), ("exchanged", "exchanged"), ("dismissed", "dismissed")],
                        default="open",
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="since")),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved")),
            ],
            options={
                "verbose_name": "stuck exchange",
                "verbose_name_plural": "stuck exchanges",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "open")),
                        fields=("account", "tier"),
                        name="stuck_exchange_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "open"), ("resolved_at", None)),
                            models.Q(
                                models.Q(("outcome", "open"), _negated=True),
                                models.Q(("resolved_at", None), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="stuck_exchange_resolved_at_a_time",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="pointsprogram",
            name="apps",
            field=models.ManyToManyField(
                related_name="points_programs", through="rewards.ProgramApp", to="accounts.app", verbose_name="apps"
            ),
        ),
    ]
