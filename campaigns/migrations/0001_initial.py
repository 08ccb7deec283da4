import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Banner",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="banners", to="accounts.organization"
                    ),
                ),
                ("image", models.ImageField(upload_to="banners/", verbose_name="image")),
                (
                    "rendition_widths",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), default=list, size=None
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="uploaded"),
                ),
                ("approved_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "banner",
                "verbose_name_plural": "banners",
            },
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="accounts.organization",
                    ),
                ),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="accounts.app",
                        verbose_name="app",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("challenge", "challenge"), ("surprise", "surprise"), ("competition", "competition")],
                        default="challenge",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("pending", "pending approval"),
                            ("approved", "approved"),
                            ("live", "live"),
                            ("finished", "finished"),
                            ("rejected", "rejected"),
                            ("suspended", "suspended"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("suspended_from", models.CharField(blank=True, max_length=12)),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="starts")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                (
                    "goes_live",
                    models.CharField(
                        choices=[("button", "when I press Go live"), ("date", "by itself at the start")],
                        default="button",
                        max_length=8,
                        verbose_name="goes live",
                    ),
                ),
                (
                    "per_user_limit",
                    models.PositiveSmallIntegerField(default=1, verbose_name="rewards per user and moment"),
                ),
                (
                    "announcement_message",
                    models.CharField(blank=True, max_length=300, verbose_name="announcement message"),
                ),
                ("redemption_message", models.CharField(blank=True, max_length=300, verbose_name="redemption message")),
                ("terms", models.TextField(blank=True, max_length=5000, verbose_name="terms")),
                (
                    "banner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="campaigns.banner",
                        verbose_name="banner",
                    ),
                ),
                ("banner_alt", models.CharField(blank=True, max_length=200, verbose_name="banner's alternative text")),
                (
                    "translations",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Language → field → text.",
                        verbose_name="texts in other languages",
                    ),
                ),
                ("support_contact", models.CharField(blank=True, max_length=200, verbose_name="support contact")),
                ("return_link", models.CharField(blank=True, max_length=300, verbose_name="return link")),
                ("total_budget_cents", models.BigIntegerField(default=0, verbose_name="total budget")),
                ("total_spent_cents", models.BigIntegerField(default=0, editable=False, verbose_name="spent")),
                ("monthly_limit_cents", models.BigIntegerField(default=500000, verbose_name="monthly limit")),
                (
                    "monthly_ceiling_cents",
                    models.BigIntegerField(
                        default=500000,
                        help_text="US cents. $5,000 unless an operator raised it.",
                        verbose_name="highest monthly limit",
                    ),
                ),
                ("brake_is_on", models.BooleanField(default=True, verbose_name="runaway brake")),
                (
                    "brake_floor",
                    models.PositiveIntegerField(
                        default=200,
                        help_text="So many rewards in 5 minutes are never held to be runaway.",
                        verbose_name="brake's floor",
                    ),
                ),
                (
                    "brake_counts_from",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When a person last released it.", null=True
                    ),
                ),
                ("held_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="held since")),
                (
                    "held_because",
                    models.CharField(
                        blank=True,
                        choices=[("brake", "the runaway brake"), ("books", "books that differ")],
                        editable=False,
                        max_length=8,
                        verbose_name="held because of",
                    ),
                ),
                (
                    "exchange_rates",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="US dollars for one unit, by currency, fixed at approval.",
                        verbose_name="exchange rates",
                    ),
                ),
                (
                    "rewards_expire_at",
                    models.DateTimeField(
                        blank=True, help_text="Only ever moves later.", null=True, verbose_name="rewards expire"
                    ),
                ),
                ("window_closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                ("archived_at", models.DateTimeField(blank=True, null=True, verbose_name="archived")),
            ],
            options={
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
                "ordering": ["-created_at"],
                "indexes": [models.Index(fields=["organization", "status"], name="campaign_by_status")],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "name"), name="campaign_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("total_spent_cents__gte", 0), ("total_spent_cents__lte", models.F("total_budget_cents"))
                        ),
                        name="campaign_spent_within_budget",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("monthly_limit_cents__gte", 0),
                            ("monthly_limit_cents__lte", models.F("monthly_ceiling_cents")),
                        ),
                        name="campaign_monthly_limit_within_ceiling",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("per_user_limit__gte", 1)), name="campaign_per_user_limit_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("held_at", None), ("held_because", "")),
                            models.Q(("held_because__gt", ""), models.Q(("held_at", None), _negated=True)),
                            _connector="OR",
                        ),
                        name="campaign_held_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("starts_at")),
                            ("ends_at", None),
                            ("starts_at", None),
                            _connector="OR",
                        ),
                        name="campaign_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CampaignChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="history", to="campaigns.campaign"
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="when")),
                (
                    "actor",
                    models.ForeignKey(
                        help_text="Empty: by itself.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("event", models.CharField(max_length=40, verbose_name="what")),
                (
                    "from_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("draft", "draft"),
                            ("pending", "pending approval"),
                            ("approved", "approved"),
                            ("live", "live"),
                            ("finished", "finished"),
                            ("rejected", "rejected"),
                            ("suspended", "suspended"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "to_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("draft", "draft"),
                            ("pending", "pending approval"),
                            ("approved", "approved"),
                            ("live", "live"),
                            ("finished", "finished"),
                            ("rejected", "rejected"),
                            ("suspended", "suspended"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="why")),
            ],
            options={
                "verbose_name": "change",
                "verbose_name_plural": "history",
                "ordering": ["-occurred_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="CampaignMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="months", to="campaigns.campaign"
                    ),
                ),
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                ("spent_cents", models.BigIntegerField(default=0, verbose_name="spent")),
                ("limit_cents", models.BigIntegerField(verbose_name="limit")),
            ],
            options={
                "verbose_name": "campaign's month",
                "verbose_name_plural": "campaigns' months",
                "ordering": ["-month"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "month"), name="campaign_month_once"),
                    models.CheckConstraint(
                        condition=models.Q(("spent_cents__gte", 0), ("spent_cents__lte", models.F("limit_cents"))),
                        name="campaign_month_within_limit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CampaignVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="campaigns.campaign"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("content", models.JSONField()),
                (
                    "submitted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("submitted_at", models.DateTimeField(verbose_name="submitted")),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("pending", "pending"),
                            ("approved", "approved"),
                            ("rejected", "rejected"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="pending",
                        max_length=12,
                        verbose_name="decision",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
            ],
            options={
                "verbose_name": "campaign version",
                "verbose_name_plural": "campaign versions",
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "number"), name="campaign_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("decision", "pending")),
                        fields=("campaign",),
                        name="campaign_version_pending_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClaimLimits",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.OneToOneField(
                        blank=True,
                        help_text="Empty: of every campaign that has none of its own.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claim_limits",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "rewards_per_customer",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="0: any number. A campaign that allows one user more than this raises it by itself.",
                        null=True,
                        verbose_name="rewards of a campaign for one customer",
                    ),
                ),
                (
                    "accounts_per_device",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="0: any number, and none is kept.",
                        null=True,
                        verbose_name="accounts that claim on one device",
                    ),
                ),
                (
                    "accounts_per_address",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="0: any number, and none is kept.",
                        null=True,
                        verbose_name="accounts that order to one address",
                    ),
                ),
                (
                    "accounts_per_network",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="0: any number, and none is kept. Many people share a network: a low number refuses the innocent.",
                        null=True,
                        verbose_name="accounts that claim from one network with one kind of browser",
                    ),
                ),
            ],
            options={
                "verbose_name": "claim limits",
                "verbose_name_plural": "claim limits",
                "constraints": [
                    models.UniqueConstraint(fields=("campaign",), name="claim_limits_of_one", nulls_distinct=False)
                ],
            },
        ),
        migrations.CreateModel(
            name="Moment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="moments", to="campaigns.campaign"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        default="MomentsReward",
                        help_text="What your server sends as momentId.",
                        max_length=60,
                        verbose_name="key",
                    ),
                ),
                ("description", models.CharField(max_length=200, verbose_name="what the user does")),
                ("audience_note", models.CharField(blank=True, max_length=200, verbose_name="audience note")),
                (
                    "share_percent",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Percent, in an A/B split; empty: no split.",
                        null=True,
                        verbose_name="share of users",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                "verbose_name": "moment",
                "verbose_name_plural": "moments",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "key"), name="moment_key_once"),
                    models.CheckConstraint(condition=models.Q(("key", ""), _negated=True), name="moment_key_not_empty"),
                    models.CheckConstraint(
                        condition=models.Q(("share_percent", None), ("share_percent__lte", 100), _connector="OR"),
                        name="moment_share_at_most_all",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="budget_entries",
                        to="accounts.organization",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="budget_entries",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "moment",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.moment"
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                (
                    "amount_cents",
                    models.BigIntegerField(help_text="US cents; positive is charged.", verbose_name="amount"),
                ),
                ("kind", models.CharField(choices=[("reward", "reward")], max_length=16, verbose_name="kind")),
                (
                    "reference",
                    models.CharField(help_text="reward:ID, …", max_length=80, unique=True, verbose_name="for"),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "budget entry",
                "verbose_name_plural": "budget entries",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["campaign", "occurred_at"], name="budget_entry_by_campaign"),
                    models.Index(fields=["organization", "month"], name="budget_entry_by_org"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganizationLimitChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="limit_changes",
                        to="accounts.organization",
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="when")),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("before_cents", models.BigIntegerField(verbose_name="before")),
                ("after_cents", models.BigIntegerField(verbose_name="after")),
                ("reason", models.TextField(verbose_name="why")),
            ],
            options={
                "verbose_name": "change of an organization's limit",
                "verbose_name_plural": "changes of organizations' limits",
                "ordering": ["-occurred_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="OrganizationMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="months", to="accounts.organization"
                    ),
                ),
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                ("spent_cents", models.BigIntegerField(default=0, verbose_name="spent")),
                ("limit_cents", models.BigIntegerField(verbose_name="limit")),
            ],
            options={
                "verbose_name": "organization's month",
                "verbose_name_plural": "organizations' months",
                "ordering": ["-month"],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "month"), name="organization_month_once"),
                    models.CheckConstraint(
                        condition=models.Q(("spent_cents__gte", 0), ("spent_cents__lte", models.F("limit_cents"))),
                        name="organization_month_within_limit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentMethod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="payment_method",
                        to="accounts.organization",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        help_text="The first who set a card; nobody else replaces it until an owner hands it over.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner of the billing",
                    ),
                ),
                ("customer_id", models.CharField(editable=False, max_length=64)),
                ("method_id", models.CharField(blank=True, editable=False, max_length=64)),
                ("brand", models.CharField(blank=True, max_length=24, verbose_name="brand")),
                ("last4", models.CharField(blank=True, max_length=4, verbose_name="last digits")),
                (
                    "expires",
                    models.CharField(blank=True, help_text="Year and month.", max_length=7, verbose_name="expires"),
                ),
                ("set_at", models.DateTimeField(blank=True, null=True, verbose_name="set")),
            ],
            options={
                "verbose_name": "payment method",
                "verbose_name_plural": "payment methods",
            },
        ),
        migrations.CreateModel(
            name="RewardGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="groups", to="campaigns.campaign"
                    ),
                ),
                (
                    "marketplace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.marketplace",
                        verbose_name="marketplace",
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="What your server sends as rewardGroupId.", max_length=60, verbose_name="key"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("products", "up to five products"), ("category", "one category")],
                        default="products",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.category",
                        verbose_name="category",
                    ),
                ),
                (
                    "percent_off",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Category only. Empty: a credit of the fixed amount.",
                        null=True,
                        verbose_name="percent off",
                    ),
                ),
                (
                    "credit_per_cent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=10,
                        editable=False,
                        help_text="Minor units of the marketplace's currency for one US cent, fixed at approval.",
                        max_digits=20,
                        null=True,
                        verbose_name="credit per US cent",
                    ),
                ),
                (
                    "retail_value_cents",
                    models.BigIntegerField(
                        blank=True,
                        editable=False,
                        help_text="Of the dearest product, fixed at approval.",
                        null=True,
                        verbose_name="retail value",
                    ),
                ),
            ],
            options={
                "verbose_name": "reward group",
                "verbose_name_plural": "reward groups",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "marketplace"), name="reward_group_once"),
                    models.UniqueConstraint(fields=("campaign", "key"), name="reward_group_key_once"),
                    models.UniqueConstraint(fields=("id", "kind"), name="reward_group_kind"),
                    models.CheckConstraint(
                        condition=models.Q(("key", ""), _negated=True), name="reward_group_key_not_empty"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("category", None), ("kind", "products"), ("percent_off", None)),
                            models.Q(("kind", "category"), models.Q(("category", None), _negated=True)),
                            _connector="OR",
                        ),
                        name="reward_group_products_or_category",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("percent_off", None),
                            models.Q(("percent_off__gte", 1), ("percent_off__lte", 100)),
                            _connector="OR",
                        ),
                        name="reward_group_percent_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupProduct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="choices", to="campaigns.rewardgroup"
                    ),
                ),
                ("group_kind", models.CharField(default="products", editable=False, max_length=8)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "reward_value_cents",
                    models.BigIntegerField(
                        blank=True,
                        help_text="In the marketplace's currency, fixed at approval.",
                        null=True,
                        verbose_name="reward value",
                    ),
                ),
            ],
            options={
                "verbose_name": "product of a group",
                "verbose_name_plural": "products of a group",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("group", "product"), name="group_product_once"),
                    models.UniqueConstraint(fields=("group", "position"), name="group_position_once"),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1), ("position__lte", 5)), name="group_at_most_five"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("group_kind", "products")), name="group_product_of_products"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MomentCost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "moment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="costs", to="campaigns.moment"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="costs",
                        to="campaigns.rewardgroup",
                        verbose_name="reward group",
                    ),
                ),
                (
                    "cpa_cents",
                    models.BigIntegerField(help_text="US cents, tax included.", verbose_name="cost per action"),
                ),
            ],
            options={
                "verbose_name": "cost per action",
                "verbose_name_plural": "costs per action",
                "ordering": ["moment__position", "moment_id", "group_id"],
                "constraints": [
                    models.UniqueConstraint(fields=("moment", "group"), name="moment_cost_once"),
                    models.CheckConstraint(condition=models.Q(("cpa_cents__gte", 1)), name="moment_cost_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="accounts.organization",
                    ),
                ),
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="number")),
                ("total_cents", models.BigIntegerField(help_text="US cents.", verbose_name="total")),
                (
                    "carried_cents",
                    models.BigIntegerField(
                        db_default=0,
                        default=0,
                        help_text="Of the total, from earlier statements. US cents.",
                        verbose_name="carried over",
                    ),
                ),
                (
                    "carried_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried_from",
                        to="campaigns.statement",
                        verbose_name="carried over to",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("due", "due"), ("paid", "paid"), ("carried", "carried over")],
                        default="due",
                        max_length=7,
                        verbose_name="status",
                    ),
                ),
                ("issued_at", models.DateTimeField(verbose_name="issued")),
                ("paid_at", models.DateTimeField(blank=True, null=True, verbose_name="paid")),
                (
                    "paid_marked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="marked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "statement",
                "verbose_name_plural": "statements",
                "ordering": ["-month", "organization"],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "month"), name="statement_once_a_month"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("paid_at", None), ("status__in", ["due", "carried"])),
                            models.Q(("status", "paid"), models.Q(("paid_at", None), _negated=True)),
                            _connector="OR",
                        ),
                        name="statement_paid_at_some_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("carried_to", None), ("status", "carried"), _connector="OR"),
                        name="statement_carried_to_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="campaigns.statement"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "open"), ("succeeded", "paid"), ("failed", "failed")],
                        default="open",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("customer_id", models.CharField(editable=False, max_length=64)),
                ("method_id", models.CharField(editable=False, max_length=64)),
                ("card", models.CharField(max_length=40, verbose_name="card")),
                ("intent_id", models.CharField(blank=True, max_length=64, verbose_name="Stripe's number")),
                ("begun_at", models.DateTimeField(verbose_name="begun")),
                ("claimed_at", models.DateTimeField(editable=False, null=True)),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="why")),
            ],
            options={
                "verbose_name": "payment",
                "verbose_name_plural": "payments",
                "ordering": ["-begun_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")), fields=("statement",), name="payment_open_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "succeeded")), fields=("statement",), name="payment_paid_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="campaigns.statement"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.campaign"
                    ),
                ),
                ("campaign_name", models.CharField(max_length=120, verbose_name="campaign")),
                ("moment_key", models.CharField(blank=True, max_length=60, verbose_name="moment")),
                ("actions", models.PositiveIntegerField(verbose_name="actions")),
                ("each_cents", models.BigIntegerField(help_text="US cents.", verbose_name="each")),
                ("cents", models.BigIntegerField(help_text="US cents.", verbose_name="amount")),
            ],
            options={
                "verbose_name": "line of a statement",
                "verbose_name_plural": "lines of statements",
                "ordering": ["campaign_name", "campaign", "moment_key", "each_cents"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "cents",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("actions"), "*", models.F("each_cents")
                                ),
                            )
                        ),
                        name="statement_line_adds_up",
                    )
                ],
            },
        ),
    ]
