import uuid
from decimal import Decimal

import django.db.models.deletion
import django.db.models.functions.text
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rewards",
                        to="accounts.app",
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
                ("external_id", models.CharField(blank=True, max_length=128, null=True, verbose_name="the app's id")),
                (
                    "metadata",
                    models.JSONField(
                        blank=True, help_text="Name → text, from the app.", null=True, verbose_name="metadata"
                    ),
                ),
                (
                    "is_emailed",
                    models.BooleanField(
                        db_default=False,
                        editable=False,
                        help_text="The app or a member asked us to email it.",
                        verbose_name="emailed",
                    ),
                ),
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
                    models.Index(fields=["app", "issued_at", "id"], name="reward_list_app"),
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
                        condition=models.Q(("external_id", None), _negated=True),
                        fields=("campaign", "external_id"),
                        name="reward_external_id_once",
                    ),
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
                            models.Q(
                                ("external_id", None), models.Q(("external_id", ""), _negated=True), _connector="OR"
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
                        default="UTC",
                        help_text="Caps, pending periods, and expiry count its days.",
                        max_length=64,
                        verbose_name="time zone",
                    ),
                ),
                (
                    "points_valid_days",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty: points never expire.",
                        null=True,
                        verbose_name="points expire after (days)",
                    ),
                ),
                (
                    "pending_days",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Points can be spent this many days after the event.",
                        verbose_name="pending period (days)",
                    ),
                ),
                ("vintage", models.PositiveIntegerField(default=0, editable=False)),
                ("test_ledger", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
            ],
            options={
                "verbose_name": "points program",
                "verbose_name_plural": "points programs",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "name"), name="program_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(("points_valid_days", None), ("points_valid_days__gte", 1), _connector="OR"),
                        name="program_valid_days_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("test_ledger__gte", 1)), name="program_test_ledger_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointCategory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="categories",
                        to="rewards.pointsprogram",
                    ),
                ),
                ("key", models.CharField(max_length=60, verbose_name="key")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
            ],
            options={
                "verbose_name": "point category",
                "verbose_name_plural": "point categories",
                "ordering": ["key"],
                "constraints": [models.UniqueConstraint(fields=("program", "key"), name="point_category_once")],
            },
        ),
        migrations.CreateModel(
            name="PointDailyTotals",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="daily_totals",
                        to="rewards.pointsprogram",
                    ),
                ),
                ("day", models.DateField(help_text="In the program's time zone.", verbose_name="day")),
                ("credited", models.BigIntegerField(default=0, verbose_name="credited")),
                ("spent", models.BigIntegerField(default=0, verbose_name="spent")),
                ("expired", models.BigIntegerField(default=0, verbose_name="expired")),
                ("reversed", models.BigIntegerField(default=0, verbose_name="reversed")),
                ("adjusted", models.BigIntegerField(default=0, verbose_name="adjusted")),
                ("members", models.IntegerField(default=0, verbose_name="new members")),
            ],
            options={
                "verbose_name": "daily points totals",
                "verbose_name_plural": "daily points totals",
                "ordering": ["day"],
                "constraints": [models.UniqueConstraint(fields=("program", "day"), name="point_totals_once")],
            },
        ),
        migrations.CreateModel(
            name="PointMultiplier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="multipliers",
                        to="rewards.pointsprogram",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="deleted")),
            ],
            options={
                "verbose_name": "points multiplier",
                "verbose_name_plural": "points multipliers",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PointRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rules", to="rewards.pointsprogram"
                    ),
                ),
                ("action", models.CharField(max_length=60, verbose_name="action")),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: every category that has no rule of its own.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to="rewards.pointcategory",
                        verbose_name="category",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="deleted")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
            ],
            options={
                "verbose_name": "point rule",
                "verbose_name_plural": "point rules",
                "ordering": ["action", "category__key", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("deleted_at", None)),
                        fields=("program", "action", "category"),
                        name="point_rule_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PointRuleVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="rewards.pointrule"
                    ),
                ),
                ("effective_from", models.DateTimeField(blank=True, null=True, verbose_name="in force from")),
                ("effective_until", models.DateTimeField(blank=True, null=True, verbose_name="in force until")),
                ("points_per_event", models.PositiveIntegerField(default=0, verbose_name="points per event")),
                (
                    "points_per_quantity",
                    models.PositiveIntegerField(default=0, verbose_name="points per unit of quantity"),
                ),
                (
                    "points_per_amount",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        help_text="For each whole dollar, euro, or yen of the rule's currency.",
                        max_digits=9,
                        verbose_name="points per unit of money",
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "minimum_quantity",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="minimum quantity"),
                ),
                (
                    "minimum_amount_minor",
                    models.BigIntegerField(
                        blank=True,
                        help_text="In minor units of the rule's currency.",
                        null=True,
                        verbose_name="minimum amount",
                    ),
                ),
                ("daily_cap", models.PositiveIntegerField(blank=True, null=True, verbose_name="daily cap per user")),
                ("weekly_cap", models.PositiveIntegerField(blank=True, null=True, verbose_name="weekly cap per user")),
                (
                    "lifetime_cap",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="lifetime cap per user"),
                ),
                ("valid_from", models.DateTimeField(blank=True, null=True, verbose_name="valid from")),
                ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
                (
                    "pending_days",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty: the program's own.",
                        null=True,
                        verbose_name="pending period (days)",
                    ),
                ),
                (
                    "points_valid_days",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty: the program's own.",
                        null=True,
                        verbose_name="points expire after (days)",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a point rule",
                "verbose_name_plural": "versions of point rules",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("effective_until", None)),
                        fields=("rule",),
                        name="point_rule_version_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("points_per_event__gt", 0),
                            ("points_per_quantity__gt", 0),
                            ("points_per_amount__gt", 0),
                            _connector="OR",
                        ),
                        name="point_rule_version_gives_points",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("currency", ""), _negated=True),
                            models.Q(("minimum_amount_minor", None), ("points_per_amount", 0)),
                            _connector="OR",
                        ),
                        name="point_rule_version_names_currency",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from", None),
                            ("valid_until", None),
                            ("valid_until__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="point_rule_version_validity_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("points_valid_days", None), ("points_valid_days__gte", 1), _connector="OR"),
                        name="point_rule_version_valid_days_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointStatus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="statuses", to="rewards.pointsprogram"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("threshold", models.PositiveIntegerField(verbose_name="points to earn")),
                ("period_days", models.PositiveIntegerField(default=365, verbose_name="within days")),
                (
                    "grace_days",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="How long a user keeps the status after falling below.",
                        verbose_name="grace period (days)",
                    ),
                ),
            ],
            options={
                "verbose_name": "points status",
                "verbose_name_plural": "points statuses",
                "ordering": ["threshold"],
                "constraints": [
                    models.UniqueConstraint(fields=("program", "name"), name="point_status_name_once"),
                    models.UniqueConstraint(fields=("program", "threshold"), name="point_status_threshold_once"),
                    models.CheckConstraint(
                        condition=models.Q(("period_days__gte", 1), ("threshold__gte", 1)),
                        name="point_status_numbers_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="rewards.pointsprogram",
                    ),
                ),
                ("app_user_id", models.CharField(db_collation="C", max_length=128, verbose_name="the app's user")),
                ("test_ledger", models.PositiveIntegerField(default=0, verbose_name="test ledger")),
                ("available", models.BigIntegerField(default=0, verbose_name="available")),
                ("pending", models.BigIntegerField(default=0, verbose_name="pending")),
                ("owed", models.BigIntegerField(default=0, verbose_name="owed")),
                (
                    "status",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="rewards.pointstatus",
                        verbose_name="status",
                    ),
                ),
                ("settled_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="settled")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="next change")),
            ],
            options={
                "verbose_name": "point account",
                "verbose_name_plural": "point accounts",
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at", None), _negated=True), fields=["due_at"], name="point_account_due"
                    ),
                    models.Index(
                        fields=["program", "test_ledger", "available", "id"], name="point_account_by_available"
                    ),
                    models.Index(
                        condition=models.Q(("status", None), _negated=True),
                        fields=["status"],
                        name="point_account_by_status",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program", "app_user_id", "test_ledger"), name="point_account_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("available__gte", 0), ("owed__gte", 0), ("pending__gte", 0)),
                        name="point_account_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("available", 0), ("owed", 0), _connector="OR"),
                        name="point_account_owes_or_has",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointAppUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seen_in",
                        to="rewards.pointaccount",
                    ),
                ),
                (
                    "app",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.app"
                    ),
                ),
                ("first_seen_at", models.DateTimeField(verbose_name="first seen")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("account", "app"), name="point_app_user_once")],
            },
        ),
        migrations.CreateModel(
            name="PointBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="rewards.pointaccount",
                    ),
                ),
                ("vintage", models.PositiveIntegerField(default=0)),
                ("available_at", models.DateTimeField(blank=True, null=True, verbose_name="available from")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                ("original", models.BigIntegerField(verbose_name="credited")),
                ("remaining", models.BigIntegerField(verbose_name="left")),
                ("expired", models.BigIntegerField(default=0, verbose_name="expired")),
                ("lapsed", models.BigIntegerField(default=0, verbose_name="expired before a reversal")),
            ],
            options={
                "verbose_name": "point batch",
                "verbose_name_plural": "point batches",
                "indexes": [
                    models.Index(
                        condition=models.Q(("remaining__gt", 0)),
                        fields=["account", "expires_at"],
                        include=("remaining", "available_at", "vintage", "id"),
                        name="point_batch_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "vintage", "available_at", "expires_at"),
                        name="point_batch_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("remaining__gte", 0), ("remaining__lte", models.F("original"))),
                        name="point_batch_within_original",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expired__gte", 0), ("lapsed__gte", 0), ("lapsed__lte", models.F("expired"))
                        ),
                        name="point_batch_lapsed_expired",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("available_at", None),
                            ("expires_at", None),
                            ("expires_at__gt", models.F("available_at")),
                            _connector="OR",
                        ),
                        name="point_batch_available_before_expiry",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointCapUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cap_uses",
                        to="rewards.pointaccount",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rewards.pointrule",
                    ),
                ),
                (
                    "window",
                    models.CharField(
                        choices=[("day", "day"), ("week", "week"), ("lifetime", "lifetime")],
                        max_length=8,
                        verbose_name="window",
                    ),
                ),
                ("window_start", models.DateField(verbose_name="first day")),
                ("points", models.BigIntegerField(verbose_name="points")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "rule", "window", "window_start"), name="point_cap_use_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("points__gte", 0)), name="point_cap_use_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointDailyEarned",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="daily_earned",
                        to="rewards.pointaccount",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("points", models.BigIntegerField(verbose_name="points")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("account", "day"), name="point_daily_earned_once"),
                    models.CheckConstraint(
                        condition=models.Q(("points__gte", 0)), name="point_daily_earned_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "app",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="point_events",
                        to="accounts.app",
                    ),
                ),
                ("event_id", models.CharField(max_length=128, verbose_name="event")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="rewards.pointaccount",
                    ),
                ),
                ("test_ledger", models.PositiveIntegerField(default=0, verbose_name="test ledger")),
                ("action", models.CharField(max_length=60, verbose_name="action")),
                ("category", models.CharField(blank=True, max_length=60, verbose_name="category")),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
                (
                    "amount_minor",
                    models.BigIntegerField(blank=True, help_text="In minor units.", null=True, verbose_name="amount"),
                ),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                ("fingerprint", models.CharField(editable=False, max_length=64)),
                (
                    "rule_version",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rewards.pointruleversion",
                    ),
                ),
                ("points", models.PositiveBigIntegerField(default=0, verbose_name="points")),
                ("occurred_at", models.DateTimeField(verbose_name="occurred")),
                ("received_at", models.DateTimeField(verbose_name="received")),
            ],
            options={
                "verbose_name": "point event",
                "verbose_name_plural": "point events",
                "constraints": [
                    models.UniqueConstraint(fields=("app", "event_id", "test_ledger"), name="point_event_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor", None),
                            models.Q(("amount_minor__gte", 0), models.Q(("currency", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="point_event_amount_in_a_currency",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="rewards.pointaccount",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("credit", "credited"),
                            ("debit", "exchanged"),
                            ("reversal", "reversed"),
                            ("expiry", "expired"),
                            ("adjustment", "adjusted"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="points")),
                ("reference", models.CharField(max_length=200, unique=True, verbose_name="for")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="rewards.pointbatch",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="rewards.pointevent",
                    ),
                ),
                ("action", models.CharField(blank=True, max_length=60, verbose_name="action")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="occurred")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
            ],
            options={
                "verbose_name": "point entry",
                "verbose_name_plural": "point entries",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["account", "-id"], name="point_entry_by_account")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gt", 0), ("kind", "credit")),
                            models.Q(("amount__lt", 0), ("kind__in", ["debit", "reversal", "expiry"])),
                            models.Q(("kind", "adjustment"), models.Q(("amount", 0), _negated=True)),
                            _connector="OR",
                        ),
                        name="point_entry_signed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__lt", 0), ("batch__isnull", False), _connector="OR"),
                        name="point_entry_credits_a_batch",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointAdjustment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="rewards.pointaccount",
                    ),
                ),
                (
                    "app",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.app",
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="adjustment", to="rewards.pointentry"
                    ),
                ),
                ("points", models.BigIntegerField(verbose_name="points")),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                ("test_ledger", models.PositiveIntegerField(default=0, verbose_name="test ledger")),
            ],
            options={
                "verbose_name": "adjustment",
                "verbose_name_plural": "adjustments",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("app", "idempotency_key", "test_ledger"),
                        name="point_adjustment_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="point_adjustment_has_a_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointAllocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="rewards.pointentry",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="rewards.pointbatch"
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="points")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
            ],
            options={
                "verbose_name": "point allocation",
                "verbose_name_plural": "point allocations",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="point_allocation_positive")
                ],
            },
        ),
        migrations.CreateModel(
            name="PointEventEmail",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="email",
                        serialize=False,
                        to="rewards.pointevent",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="address")),
                (
                    "available_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Of the event's points. Empty: nothing was pending.",
                        null=True,
                        verbose_name="available from",
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received")),
            ],
            options={
                "verbose_name": "email address of a point event",
                "verbose_name_plural": "email addresses of point events",
                "indexes": [
                    models.Index(fields=["available_at"], name="point_event_email_due"),
                    models.Index(fields=["received_at"], name="point_event_email_old"),
                    models.Index(fields=["email"], name="point_event_email_by_address"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="point_event_email_lower_case",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PointMultiplierVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "multiplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="rewards.pointmultiplier",
                    ),
                ),
                ("effective_from", models.DateTimeField(blank=True, null=True, verbose_name="in force from")),
                ("effective_until", models.DateTimeField(blank=True, null=True, verbose_name="in force until")),
                ("factor", models.DecimalField(decimal_places=2, max_digits=5, verbose_name="factor")),
                (
                    "action",
                    models.CharField(
                        blank=True, help_text="Empty: every action.", max_length=60, verbose_name="action"
                    ),
                ),
                (
                    "status",
                    models.ForeignKey(
                        blank=True,
                        help_text="This status and every higher one.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="multiplier_versions",
                        to="rewards.pointstatus",
                        verbose_name="status",
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="starts")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
            ],
            options={
                "verbose_name": "version of a points multiplier",
                "verbose_name_plural": "versions of points multipliers",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("effective_until", None)),
                        fields=("multiplier",),
                        name="point_multiplier_version_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("factor__gt", 0)), name="point_multiplier_version_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_at", None),
                            ("ends_at", None),
                            ("ends_at__gt", models.F("starts_at")),
                            _connector="OR",
                        ),
                        name="point_multiplier_version_dates_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointReversal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reversals", to="rewards.pointevent"
                    ),
                ),
                (
                    "app",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.app"),
                ),
                ("test_ledger", models.PositiveIntegerField(default=0, verbose_name="test ledger")),
                ("idempotency_key", models.CharField(blank=True, max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("quantity", models.PositiveIntegerField(blank=True, null=True, verbose_name="quantity")),
                ("amount_minor", models.BigIntegerField(blank=True, null=True, verbose_name="amount")),
                ("points", models.BigIntegerField(verbose_name="points")),
                ("lapsed", models.BigIntegerField(default=0, verbose_name="already expired")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
            ],
            options={
                "verbose_name": "reversal",
                "verbose_name_plural": "reversals",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("idempotency_key", ""), _negated=True),
                        fields=("app", "idempotency_key", "test_ledger"),
                        name="point_reversal_key_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("amount_minor", None), ("quantity", None)),
                        fields=("event",),
                        name="point_reversal_whole_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lapsed__gte", 0), ("lapsed__lte", models.F("points")), ("points__gte", 0)),
                        name="point_reversal_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity", None), ("amount_minor", None), _connector="OR"),
                        name="point_reversal_by_one_measure",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointTier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tiers", to="rewards.pointsprogram"
                    ),
                ),
                ("points", models.PositiveIntegerField(verbose_name="points")),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="Empty: the name of the reward.", max_length=120, verbose_name="name"
                    ),
                ),
                ("picture", models.CharField(blank=True, editable=False, max_length=200, verbose_name="picture")),
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
                    "status",
                    models.ForeignKey(
                        blank=True,
                        help_text="Users need this status or a higher one.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tiers",
                        to="rewards.pointstatus",
                        verbose_name="status",
                    ),
                ),
                (
                    "is_once",
                    models.BooleanField(
                        default=False, help_text="A user can exchange points for it once.", verbose_name="once per user"
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
                    "vintage",
                    models.PositiveIntegerField(
                        editable=False,
                        help_text="The first vintage of points that are exchanged automatically.",
                        null=True,
                    ),
                ),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired")),
            ],
            options={
                "verbose_name": "tier",
                "verbose_name_plural": "tiers",
                "ordering": ["points", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at", None)), fields=("program", "points"), name="point_tier_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("points__gte", 1)), name="point_tier_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_automatic", False), models.Q(("vintage", None), _negated=True), _connector="OR"
                        ),
                        name="point_tier_automatic_from_a_vintage",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="point_exchange",
                        to="rewards.reward",
                    ),
                ),
                (
                    "app",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.app"),
                ),
                ("test_ledger", models.PositiveIntegerField(default=0, verbose_name="test ledger")),
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
                ("is_once", models.BooleanField(default=False, verbose_name="once per user")),
                ("occurred_at", models.DateTimeField(verbose_name="exchanged")),
            ],
            options={
                "verbose_name": "exchange",
                "verbose_name_plural": "exchanges",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("app", "idempotency_key", "test_ledger"), name="point_exchange_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_once", True)),
                        fields=("account", "tier"),
                        name="point_exchange_tier_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reward__isnull", False), ("test_ledger", 0)),
                            models.Q(("reward", None), ("test_ledger__gt", 0)),
                            _connector="OR",
                        ),
                        name="point_exchange_live_has_a_reward",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgramApp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="program_apps",
                        to="rewards.pointsprogram",
                    ),
                ),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="program_links", to="accounts.app"
                    ),
                ),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="joined")),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="left")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)), fields=("app",), name="program_app_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("left_at", None), ("left_at__gte", models.F("joined_at")), _connector="OR"),
                        name="program_app_leaves_after_it_joins",
                    ),
                ],
            },
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
