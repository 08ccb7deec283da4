"""The function that issues charges the cost of the moment in the reward's marketplace; points take no user's slot."""

from pathlib import Path

from django.db import migrations, models

FROZEN = Path(__file__).parent / "frozen"


class Migration(migrations.Migration):
    dependencies = [("rewards", "0013_automatic_exchanges"), ("campaigns", "0011_cost_per_marketplace")]

    operations = [
        migrations.RemoveConstraint(
            model_name="reward",
            name="reward_user_has_slot",
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("app_user_id", None), ("user_slot", None)),
                    models.Q(
                        models.Q(("app_user_id", None), _negated=True),
                        models.Q(models.Q(("user_slot", None), _negated=True), ("source", "points"), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="reward_user_has_slot",
            ),
        ),
        migrations.RunSQL(
            [(FROZEN / "0014_issue.sql").read_text()],
            [(FROZEN / "0012_issue.sql").read_text()],
        ),
    ]
