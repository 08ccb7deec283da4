import uuid

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
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="accounts.organization"
                    ),
                ),
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
                "indexes": [models.Index(fields=["organization", "id"], name="event_feed")],
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
    ]
