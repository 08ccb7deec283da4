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
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="accounts.organization",
                    ),
                ),
                ("sequence", models.BigIntegerField(blank=True, editable=False, null=True, verbose_name="sequence")),
                ("type", models.CharField(max_length=60, verbose_name="type")),
                ("payload", models.JSONField(default=dict)),
                ("dedupe_key", models.CharField(blank=True, max_length=120, null=True, unique=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at"),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["id"],
                "indexes": [
                    models.Index(condition=models.Q(("sequence", None)), fields=["id"], name="event_unsequenced")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "sequence"), name="event_sequence_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8, verbose_name="what")),
                ("host", models.CharField(max_length=255, verbose_name="host")),
                ("last_seen_at", models.DateTimeField(verbose_name="last heard of")),
                (
                    "skew_ms",
                    models.IntegerField(
                        help_text="Milliseconds ahead of the database's.", verbose_name="clock ahead by"
                    ),
                ),
            ],
            options={
                "verbose_name": "heartbeat",
                "verbose_name_plural": "heartbeats",
                "ordering": ["kind", "host"],
                "constraints": [models.UniqueConstraint(fields=("kind", "host"), name="heartbeat_once")],
            },
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "message_id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, help_text="The same at every attempt.", unique=True
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("to_email", models.EmailField(max_length=254, verbose_name="to")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("language", models.CharField(default="en", max_length=10, verbose_name="language")),
                ("context", models.JSONField(blank=True, default=dict)),
                ("subject", models.CharField(blank=True, max_length=250, verbose_name="subject")),
                ("text", models.TextField(blank=True)),
                ("html", models.TextField(blank=True)),
                (
                    "dedupe_key",
                    models.CharField(
                        blank=True,
                        help_text="What it must be sent only once for.",
                        max_length=120,
                        null=True,
                        unique=True,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("sending", "being sent"),
                            ("sent", "sent"),
                            ("dead", "given up"),
                            ("held", "held"),
                        ],
                        default="queued",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="due")),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="queued"),
                ),
                (
                    "forgotten_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Since then nothing says what it was and to whom.",
                        null=True,
                        verbose_name="forgotten",
                    ),
                ),
            ],
            options={
                "verbose_name": "email",
                "verbose_name_plural": "emails",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(condition=models.Q(("status", "queued")), fields=["due_at"], name="mail_due"),
                    models.Index(
                        django.db.models.functions.text.Upper("to_email"),
                        models.F("created_at"),
                        name="mail_by_address",
                    ),
                    models.Index(condition=models.Q(("status", "sending")), fields=["claimed_at"], name="mail_stuck"),
                ],
            },
        ),
        migrations.CreateModel(
            name="EmailSuppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="address")),
                ("occurred_at", models.DateTimeField(verbose_name="since")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("refused", "refused by the mail server"),
                            ("returned", "came back"),
                            ("complaint", "called unwanted"),
                        ],
                        max_length=9,
                        verbose_name="how",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        blank=True, help_text="Of the mail server, such as 5.1.1.", max_length=12, verbose_name="status"
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="what it said")),
                (
                    "mail",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="outbox.mail",
                        verbose_name="which mail",
                    ),
                ),
                ("proposed", models.EmailField(blank=True, max_length=254, verbose_name="proposed address")),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("proposed_at", models.DateTimeField(blank=True, null=True, verbose_name="proposed")),
                ("proposed_reason", models.CharField(blank=True, max_length=300, verbose_name="why it was proposed")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                (
                    "ended_method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("works", "staff say that it works"),
                            ("confirmed", "its owner confirmed it"),
                            ("corrected", "its owner has another"),
                        ],
                        max_length=9,
                        verbose_name="how it ended",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                ("ended_reason", models.CharField(blank=True, max_length=300, verbose_name="why it ended")),
            ],
            options={
                "verbose_name": "email suppression",
                "verbose_name_plural": "email suppressions",
                "ordering": ["-occurred_at"],
                "indexes": [models.Index(fields=["email", "ended_at"], name="trouble_by_address")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("email",), name="trouble_open_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="trouble_email_lower_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhook_endpoints",
                        to="accounts.organization",
                    ),
                ),
                ("url", models.URLField(max_length=500, verbose_name="URL")),
                ("description", models.CharField(blank=True, max_length=120, verbose_name="description")),
                (
                    "event_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="events",
                    ),
                ),
                ("sealed_secret", models.TextField(editable=False)),
                ("sealed_former_secret", models.TextField(blank=True, editable=False)),
                (
                    "former_secret_expires_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="former secret signs until"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "active"), ("disabled", "disabled")],
                        default="active",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("disabled_at", models.DateTimeField(blank=True, null=True, verbose_name="disabled")),
                (
                    "disabled_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("member", "disabled by a member"),
                            ("gone", "the receiver answered 410 Gone"),
                            ("failing", "every attempt failed for five days"),
                        ],
                        max_length=8,
                        verbose_name="why it is disabled",
                    ),
                ),
                ("failing_since", models.DateTimeField(blank=True, null=True, verbose_name="failing since")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
            ],
            options={
                "verbose_name": "webhook endpoint",
                "verbose_name_plural": "webhook endpoints",
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="outbox.event"
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="outbox.webhookendpoint",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("pending", "pending"), ("delivered", "delivered"), ("failed", "failed")],
                        default="pending",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "response_status",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="last response"),
                ),
                ("last_error", models.CharField(blank=True, max_length=200, verbose_name="last error")),
                ("created_at", models.DateTimeField(verbose_name="created")),
            ],
            options={
                "verbose_name": "webhook delivery",
                "verbose_name_plural": "webhook deliveries",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "pending")), fields=["endpoint", "due_at"], name="delivery_due"
                    ),
                    models.Index(fields=["endpoint", "-id"], name="delivery_by_endpoint"),
                    models.Index(fields=["organization", "-id"], name="delivery_by_organization"),
                ],
                "constraints": [models.UniqueConstraint(fields=("event", "endpoint"), name="delivery_once")],
            },
        ),
        migrations.CreateModel(
            name="WebhookAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="log", to="outbox.webhookdelivery"
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="when")),
                ("url", models.URLField(max_length=500, verbose_name="URL")),
                ("response_status", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="response")),
                ("response_body", models.TextField(blank=True, verbose_name="response body")),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="error")),
                ("milliseconds", models.PositiveIntegerField(verbose_name="milliseconds")),
            ],
            options={
                "verbose_name": "webhook attempt",
                "verbose_name_plural": "webhook attempts",
                "ordering": ["id"],
                "indexes": [models.Index(fields=["occurred_at"], name="attempt_by_time")],
            },
        ),
    ]
