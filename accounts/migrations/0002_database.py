"""The audit log and the log of who read customer data are append-only.

``accounts/database.sql`` has the current definitions; this runs the copy that was frozen with it.
"""

from pathlib import Path

from django.db import migrations

FROZEN = Path(__file__).parent / "frozen"
UNDO = """
DROP TRIGGER refuse_truncate ON accounts_auditentry;
DROP TRIGGER append_only ON accounts_auditentry;
DROP TRIGGER refuse_truncate ON accounts_dataaccesslog;
DROP TRIGGER append_only ON accounts_dataaccesslog;
DROP FUNCTION accounts_keep_auditentry();
DROP FUNCTION accounts_without_address(text, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("moments", "0002_database"),
    ]

    operations = [migrations.RunSQL([(FROZEN / "0001_database.sql").read_text()], [UNDO])]
