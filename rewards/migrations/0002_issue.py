"""The function that issues a reward, and ledgers of points that cannot be rewritten."""

from pathlib import Path

from django.db import migrations

ISSUE = (Path(__file__).parent / "frozen" / "0011_issue.sql").read_text()
DROP = """
DO $$ DECLARE found regprocedure; BEGIN
    FOR found IN SELECT oid::regprocedure FROM pg_proc WHERE proname = 'moments_issue_reward' LOOP
        EXECUTE 'DROP FUNCTION ' || found;
    END LOOP;
END $$;
"""
APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON rewards_pointentry
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0001_initial"), ("catalog", "0002_append_only"), ("outbox", "0001_initial")]

    operations = [
        migrations.RunSQL([ISSUE], [DROP]),
        migrations.RunSQL(APPEND_ONLY, "DROP TRIGGER append_only ON rewards_pointentry;"),
    ]
