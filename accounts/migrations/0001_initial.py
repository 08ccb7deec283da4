import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="IneligibleCountry",
            fields=[
                (
                    "code",
                    models.CharField(
                        help_text="ISO 3166-1, two letters.",
                        max_length=2,
                        primary_key=True,
                        serialize=False,
                        verbose_name="country",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
            ],
            options={
                "verbose_name": "ineligible country",
                "verbose_name_plural": "ineligible countries",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="email address")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                (
                    "browser_time_zone",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Empty: the browser has not said.",
                        max_length=64,
                        verbose_name="time zone of the browser",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        help_text="Of pages and mails about rewards; empty: the browser's.",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False, help_text="May sign in to the operators' pages.", verbose_name="operator"
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "joined_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="joined"),
                ),
                ("erased_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="erased")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="user_email_lower_case",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DataAccessLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("occurred_at", models.DateTimeField(verbose_name="when")),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("reason", "for the reason given"), ("fulfillment", "to pack and send")],
                        default="reason",
                        max_length=12,
                        verbose_name="purpose",
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("object_type", models.CharField(max_length=80, verbose_name="what")),
                ("object_id", models.CharField(blank=True, max_length=64, verbose_name="number")),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accesses",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="whose",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=45, verbose_name="from")),
            ],
            options={
                "verbose_name": "data access",
                "verbose_name_plural": "data access log",
                "ordering": ["-occurred_at", "-id"],
                "indexes": [
                    models.Index(fields=["occurred_at"], name="look_by_time"),
                    models.Index(fields=["customer", "-occurred_at"], name="look_by_customer"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_ins",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="when")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("succeeded", "signed in"),
                            ("failed", "wrong password or code"),
                            ("locked", "locked out for a while"),
                            ("password", "password changed"),
                        ],
                        max_length=9,
                        verbose_name="what",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=40, verbose_name="from")),
                ("device", models.CharField(blank=True, max_length=60, verbose_name="device")),
            ],
            options={
                "verbose_name": "sign-in",
                "verbose_name_plural": "sign-ins",
                "ordering": ["-occurred_at", "-id"],
                "indexes": [models.Index(fields=["user", "-occurred_at"], name="sign_in_by_user")],
            },
        ),
        migrations.CreateModel(
            name="SignInLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("then", models.CharField(blank=True, help_text="Path of the page to come back to.", max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="sent"),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="used")),
            ],
            options={
                "verbose_name": "link to sign in",
                "verbose_name_plural": "links to sign in",
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "owner"),
                            ("admin", "administrator"),
                            ("editor", "editor"),
                            ("analyst", "analyst"),
                        ],
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="since"),
                ),
            ],
            options={
                "verbose_name": "member",
                "verbose_name_plural": "members",
            },
        ),
        migrations.CreateModel(
            name="Organization",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "active"), ("suspended", "suspended")],
                        default="active",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                (
                    "monthly_limit_cents",
                    models.BigIntegerField(
                        default=1500000,
                        help_text="US cents a calendar month (UTC), over all campaigns.",
                        verbose_name="monthly limit",
                    ),
                ),
                ("payment_waived_at", models.DateTimeField(blank=True, null=True, verbose_name="payment waived")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                (
                    "users",
                    models.ManyToManyField(
                        related_name="organizations", through="accounts.Member", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "organization",
                "verbose_name_plural": "organizations",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("monthly_limit_cents__gte", 0)), name="organization_limit_not_negative"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="App",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="apps", to="accounts.organization"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("url", models.URLField(blank=True, verbose_name="website or store page")),
                (
                    "opens_in",
                    models.CharField(
                        choices=[("browser", "mobile browser"), ("web_view", "the app's web view")],
                        default="browser",
                        max_length=12,
                        verbose_name="reward pages open in",
                    ),
                ),
                (
                    "color",
                    models.CharField(
                        blank=True,
                        help_text="Of the app's points page, as #rrggbb. Empty: Moments' own.",
                        max_length=7,
                        verbose_name="color",
                    ),
                ),
                ("logo", models.ImageField(blank=True, upload_to="logos/", verbose_name="logo")),
                (
                    "legacy_missing_reward",
                    models.BooleanField(
                        default=False,
                        help_text="Answer a reward that does not exist with 200 and [], as Amazon Moments did.",
                        verbose_name="legacy missing reward",
                    ),
                ),
                (
                    "logs_calls",
                    models.BooleanField(
                        default=True,
                        help_text="Keep API calls for 30 days, where your team can look at them under API calls.",
                        verbose_name="log API calls",
                    ),
                ),
                (
                    "ip_allowlist",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=43),
                        blank=True,
                        default=list,
                        help_text="IP addresses or networks that may call the API. Empty: any.",
                        size=None,
                        verbose_name="allowed addresses",
                    ),
                ),
                (
                    "rate_per_second",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty: the installation's own rate. Burst is twice that.",
                        null=True,
                        verbose_name="calls per second",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                ("archived_at", models.DateTimeField(blank=True, null=True, verbose_name="archived")),
            ],
            options={
                "verbose_name": "app",
                "verbose_name_plural": "apps",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "name"), name="app_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(("color", ""), ("color__regex", "^#[0-9a-f]{6}$"), _connector="OR"),
                        name="app_color_is_hexadecimal",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="api_keys", to="accounts.app"
                    ),
                ),
                (
                    "mode",
                    models.CharField(choices=[("live", "live"), ("test", "test")], max_length=4, verbose_name="mode"),
                ),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="name")),
                (
                    "hint",
                    models.CharField(help_text="How it begins, to tell keys apart.", max_length=20, verbose_name="key"),
                ),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), default=list, size=None, verbose_name="scopes"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
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
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
                (
                    "expires_at",
                    models.DateTimeField(
                        blank=True, help_text="Set when it was rolled.", null=True, verbose_name="works until"
                    ),
                ),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
            ],
            options={
                "verbose_name": "API key",
                "verbose_name_plural": "API keys",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_entries",
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
                        verbose_name="who",
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("registered", "organization registered"),
                            ("renamed", "organization renamed"),
                            ("app_registered", "app registered"),
                            ("app_changed", "app changed"),
                            ("key_created", "key created"),
                            ("key_rolled", "key rolled"),
                            ("key_revoked", "key revoked"),
                            ("webhook_added", "webhook endpoint added"),
                            ("webhook_changed", "webhook endpoint changed"),
                            ("webhook_rolled", "webhook secret rolled"),
                            ("webhook_disabled", "webhook endpoint disabled"),
                            ("webhook_enabled", "webhook endpoint enabled"),
                            ("webhook_replayed", "webhook events sent again"),
                            ("invited", "member invited"),
                            ("uninvited", "invitation withdrawn"),
                            ("joined", "member joined"),
                            ("role_changed", "role changed"),
                            ("member_removed", "member removed"),
                            ("factor_added", "second factor set up"),
                            ("factor_removed", "second factor removed"),
                            ("reward_sent", "reward sent by hand"),
                            ("reward_voided", "reward voided"),
                            ("upload_confirmed", "upload confirmed"),
                            ("upload_canceled", "upload canceled"),
                            ("points_adjusted", "points adjusted"),
                            ("points_changed", "points program changed"),
                            ("exported", "file downloaded"),
                            ("card_set", "card set"),
                            ("card_removed", "card removed"),
                            ("handed_over", "billing handed over"),
                        ],
                        max_length=20,
                        verbose_name="what",
                    ),
                ),
                ("about", models.CharField(blank=True, max_length=300, verbose_name="about")),
            ],
            options={
                "verbose_name": "line of the audit log",
                "verbose_name_plural": "audit log",
                "ordering": ["-occurred_at", "-id"],
                "indexes": [models.Index(fields=["organization", "-occurred_at"], name="audit_by_organization")],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="accounts.organization",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="email address")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "owner"),
                            ("admin", "administrator"),
                            ("editor", "editor"),
                            ("analyst", "analyst"),
                        ],
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="sent"),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="accepted")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn")),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                        name="invitation_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredPicture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=200, unique=True, verbose_name="file")),
                (
                    "files",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        help_text="All of them, the largest included.",
                        size=None,
                    ),
                ),
                ("size", models.BigIntegerField(help_text="Of all files.", verbose_name="bytes")),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stored_pictures",
                        to="accounts.organization",
                        verbose_name="organization",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="uploaded"),
                ),
                (
                    "unused_since",
                    models.DateTimeField(
                        blank=True, help_text="Nothing has shown it since then.", null=True, verbose_name="unused since"
                    ),
                ),
            ],
            options={
                "verbose_name": "stored picture",
                "verbose_name_plural": "stored pictures",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SupportRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="support_requests",
                        to="accounts.organization",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("limit", "raise a limit"),
                            ("own_product", "offer our own product"),
                            ("tshirt", "join the T-shirt program"),
                            ("other", "something else"),
                        ],
                        max_length=12,
                        verbose_name="about",
                    ),
                ),
                ("subject", models.CharField(max_length=160, verbose_name="subject")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "open"), ("answered", "answered"), ("closed", "closed")],
                        default="open",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="opened"),
                ),
            ],
            options={
                "verbose_name": "support request",
                "verbose_name_plural": "support requests",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="SupportMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="accounts.supportrequest",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("from_operator", models.BooleanField(default=False)),
                ("body", models.TextField(max_length=5000, verbose_name="message")),
                ("picture", models.ImageField(blank=True, upload_to="designs/", verbose_name="picture")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="sent"),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="member",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="members", to="accounts.organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(fields=("organization", "user"), name="member_once"),
        ),
    ]
