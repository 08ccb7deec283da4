import django.db.models.deletion
from django.db import migrations, models

COPY = """
INSERT INTO campaigns_momentcost (moment_id, group_id, cpa_cents)
SELECT moment.id, reward_group.id, moment.cpa_cents
FROM campaigns_moment moment JOIN campaigns_rewardgroup reward_group USING (campaign_id)
WHERE moment.cpa_cents > 0;
SET CONSTRAINTS ALL IMMEDIATE;
"""
COPY_BACK = """
UPDATE campaigns_moment SET cpa_cents = most.cpa_cents
FROM (SELECT moment_id, max(cpa_cents) AS cpa_cents FROM campaigns_momentcost GROUP BY moment_id) AS most
WHERE most.moment_id = campaigns_moment.id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0010_translations")]

    operations = [
        migrations.CreateModel(
            name="MomentCost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cpa_cents",
                    models.BigIntegerField(help_text="US cents, tax included.", verbose_name="cost per action"),
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
                    "moment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="costs", to="campaigns.moment"
                    ),
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
        migrations.RunSQL(COPY, COPY_BACK),
        migrations.RemoveConstraint(model_name="moment", name="moment_cpa_not_negative"),
        migrations.RemoveField(model_name="moment", name="cpa_cents"),
    ]
