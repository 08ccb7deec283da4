"""The function that issues a reward, and a ledger of points that cannot be rewritten.

``rewards/database.sql`` has the current definitions; this runs the copy that was frozen with it.
"""

from pathlib import Path

from django.db import migrations

FROZEN = Path(__file__).parent / "frozen"
UNDO = """
DROP FUNCTION moments_issue_reward;
ALTER TABLE rewards_dailyrewardtotals RESET (fillfactor);
ALTER TABLE rewards_pointaccount RESET (fillfactor);
ALTER TABLE rewards_pointbatch RESET (fillfactor);
ALTER TABLE rewards_pointdailytotals RESET (fillfactor);
DROP TRIGGER refuse_truncate ON rewards_pointallocation;
DROP TRIGGER append_only ON rewards_pointallocation;
DROP TRIGGER refuse_truncate ON rewards_pointevent;
DROP TRIGGER append_only ON rewards_pointevent;
DROP TRIGGER refuse_truncate ON rewards_pointreversal;
DROP TRIGGER append_only ON rewards_pointreversal;
DROP TRIGGER refuse_truncate ON rewards_pointadjustment;
DROP TRIGGER append_only ON rewards_pointadjustment;
DROP TRIGGER refuse_truncate ON rewards_pointentry;
DROP TRIGGER append_only ON rewards_pointentry;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rewards", "0001_initial"),
        ("moments", "0002_database"),
        ("outbox", "0001_initial"),
    ]

    operations = [migrations.RunSQL([(FROZEN / "0001_database.sql").read_text()], [UNDO])]
