"""Products only in groups of products; budgets, limits and statements that cannot be rewritten.

``campaigns/database.sql`` has the current definitions; this runs the copy that was frozen with it.
"""

from pathlib import Path

from django.db import migrations

FROZEN = Path(__file__).parent / "frozen"
UNDO = """
DROP TRIGGER refuse_truncate ON campaigns_statementline;
DROP TRIGGER append_only ON campaigns_statementline;
DROP TRIGGER refuse_truncate ON campaigns_statement;
DROP TRIGGER keep_statement ON campaigns_statement;
DROP FUNCTION moments_keep_statement();
DROP TRIGGER refuse_truncate ON campaigns_organizationlimitchange;
DROP TRIGGER append_only ON campaigns_organizationlimitchange;
DROP TRIGGER refuse_truncate ON campaigns_budgetentry;
DROP TRIGGER append_only ON campaigns_budgetentry;
ALTER TABLE campaigns_groupproduct DROP CONSTRAINT group_product_kind_matches;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
        ("moments", "0002_database"),
    ]

    operations = [migrations.RunSQL([(FROZEN / "0001_database.sql").read_text()], [UNDO])]
