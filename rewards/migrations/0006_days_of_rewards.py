"""Sums by day, kept by the function that issues."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

ISSUE = (Path(__file__).parent / "frozen" / "0011_issue.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_request_pictures"),
        ("campaigns", "0004_limit_changes_append_only"),
        ("rewards", "0005_lists_and_uploads"),
    ]

    operations = [
        migrations.CreateModel(
            name="RewardDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.rewardgroup",
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
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "day of rewards",
                "verbose_name_plural": "days of rewards",
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
        # A row of a busy day is updated with every issue: leave it room in its page.
        migrations.RunSQL(
            ["ALTER TABLE rewards_rewardday SET (fillfactor = 50)"],
            ["ALTER TABLE rewards_rewardday RESET (fillfactor)"],
        ),
        migrations.RunSQL([ISSUE], migrations.RunSQL.noop),
    ]
