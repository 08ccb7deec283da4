"""The days of what was issued before.

By itself, after the function that keeps them has been committed: whoever still runs the one before has its reward
written before the lock is granted, and is counted here.
"""

from django.db import migrations

DAYS = """
LOCK TABLE rewards_reward IN SHARE MODE;
DELETE FROM rewards_rewardday;
INSERT INTO rewards_rewardday (organization_id, campaign_id, moment_id, group_id, device_type, day, actions, cents)
SELECT organization_id, campaign_id, moment_id, group_id, device_type, (issued_at AT TIME ZONE 'UTC')::date, count(*),
    sum(charge_cents)
FROM rewards_reward GROUP BY 1, 2, 3, 4, 5, 6;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0006_days_of_rewards")]

    operations = [migrations.RunSQL(DAYS, migrations.RunSQL.noop)]
