import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "app",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.app"
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="when")),
                ("key_hint", models.CharField(help_text="How the key begins.", max_length=20, verbose_name="key")),
                ("is_live", models.BooleanField(verbose_name="live key")),
                ("method", models.CharField(max_length=8, verbose_name="method")),
                ("path", models.CharField(max_length=300, verbose_name="path")),
                ("status", models.PositiveSmallIntegerField(verbose_name="status")),
                ("code", models.CharField(blank=True, help_text="Of a refusal.", max_length=60, verbose_name="code")),
                ("milliseconds", models.PositiveIntegerField(verbose_name="milliseconds")),
                (
                    "repeats",
                    models.PositiveIntegerField(
                        default=1, help_text="More than one for calls answered 429.", verbose_name="calls"
                    ),
                ),
                ("request_id", models.CharField(max_length=16, verbose_name="request ID")),
                ("campaign_id", models.UUIDField(blank=True, null=True, verbose_name="campaign")),
                ("reward_id", models.UUIDField(blank=True, null=True, verbose_name="reward")),
                (
                    "app_user_id",
                    models.CharField(blank=True, help_text="The app's own.", max_length=128, verbose_name="user ID"),
                ),
                ("request_body", models.TextField(blank=True, verbose_name="request")),
                ("response_body", models.TextField(blank=True, verbose_name="response")),
            ],
            options={
                "verbose_name": "API call",
                "verbose_name_plural": "API calls",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["organization", "-id"], name="api_call_list"),
                    models.Index(fields=["organization", "app_user_id", "-id"], name="api_call_by_user"),
                    models.Index(fields=["request_id"], name="api_call_by_request"),
                    models.Index(
                        condition=models.Q(("reward_id__isnull", False)),
                        fields=["reward_id"],
                        name="api_call_of_reward",
                    ),
                    django.contrib.postgres.indexes.BrinIndex(fields=["occurred_at"], name="api_call_by_time"),
                ],
            },
        ),
    ]
