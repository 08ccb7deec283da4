"""Indexes for the lists of rewards; uploads and their lines."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_cache"),
        ("campaigns", "0004_limit_changes_append_only"),
        ("rewards", "0004_issue_held"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BatchRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("email", models.CharField(blank=True, max_length=254, verbose_name="e-mail address")),
                ("device_type", models.CharField(blank=True, max_length=8, verbose_name="device")),
                ("locale", models.CharField(blank=True, max_length=20, verbose_name="locale")),
                ("key", models.CharField(blank=True, max_length=200, verbose_name="your key")),
                (
                    "problems",
                    models.JSONField(default=list, help_text="[column, given, allowed] each.", verbose_name="errors"),
                ),
                ("refusal", models.CharField(blank=True, max_length=40, verbose_name="refusal")),
            ],
            options={
                "verbose_name": "line of an upload",
                "verbose_name_plural": "lines of an upload",
                "ordering": ["line"],
            },
        ),
        migrations.CreateModel(
            name="RewardBatch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("bad", "has errors"),
                            ("checked", "checked"),
                            ("issuing", "being issued"),
                            ("done", "finished"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(editable=False, max_length=64)),
                (
                    "had_already",
                    models.PositiveIntegerField(
                        default=0,
                        editable=False,
                        help_text="Lines of users who had as many rewards as they may, when it was checked.",
                    ),
                ),
                ("uploaded_at", models.DateTimeField(verbose_name="uploaded")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
            ],
            options={
                "verbose_name": "upload",
                "verbose_name_plural": "uploads",
                "ordering": ["-uploaded_at"],
            },
        ),
        migrations.RemoveIndex(
            model_name="reward",
            name="reward_by_organization",
        ),
        migrations.AlterField(
            model_name="reward",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rewards",
                to="campaigns.campaign",
            ),
        ),
        migrations.AlterField(
            model_name="reward",
            name="moment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rewards",
                to="campaigns.moment",
            ),
        ),
        migrations.AlterField(
            model_name="reward",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rewards",
                to="accounts.organization",
            ),
        ),
        migrations.AddIndex(
            model_name="reward",
            index=models.Index(fields=["organization", "issued_at", "id"], name="reward_list_organization"),
        ),
        migrations.AddIndex(
            model_name="reward",
            index=models.Index(fields=["campaign", "issued_at", "id"], name="reward_list_campaign"),
        ),
        migrations.AddIndex(
            model_name="reward",
            index=models.Index(fields=["moment", "issued_at", "id"], name="reward_list_moment"),
        ),
        migrations.AddIndex(
            model_name="reward",
            index=models.Index(fields=["organization", "source", "issued_at", "id"], name="reward_list_source"),
        ),
        migrations.AddIndex(
            model_name="reward",
            index=models.Index(fields=["organization", "app_user_id"], name="reward_list_user"),
        ),
        migrations.AddIndex(
            model_name="reward",
            index=models.Index(
                condition=models.Q(("voided_at", None), _negated=True),
                fields=["organization", "issued_at", "id"],
                name="reward_list_voided",
            ),
        ),
        migrations.AddField(
            model_name="batchrow",
            name="reward",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="batch_rows", to="rewards.reward"
            ),
        ),
        migrations.AddField(
            model_name="rewardbatch",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reward_batches",
                to="campaigns.campaign",
            ),
        ),
        migrations.AddField(
            model_name="rewardbatch",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rewardbatch",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reward_batches", to="accounts.organization"
            ),
        ),
        migrations.AddField(
            model_name="rewardbatch",
            name="uploaded_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="batchrow",
            name="batch",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="rewards.rewardbatch",
            ),
        ),
        migrations.AddIndex(
            model_name="rewardbatch",
            index=models.Index(fields=["campaign", "uploaded_at"], name="batch_by_campaign"),
        ),
        migrations.AddIndex(
            model_name="rewardbatch",
            index=models.Index(
                condition=models.Q(("status", "issuing")), fields=["confirmed_at"], name="batch_being_issued"
            ),
        ),
        migrations.AddIndex(
            model_name="batchrow",
            index=models.Index(fields=["batch", "status", "line"], name="batch_row_by_status"),
        ),
        migrations.AddConstraint(
            model_name="batchrow",
            constraint=models.UniqueConstraint(fields=("batch", "line"), name="batch_line_once"),
        ),
    ]
