"""The function that keeps append-only tables, and the table of Django's cache.

``moments/database.sql`` has the current definitions; this runs the copy that was frozen with it.
"""

from pathlib import Path

from django.db import migrations

FROZEN = Path(__file__).parent / "frozen"
UNDO = """
DROP TABLE moments_cache;
DROP FUNCTION moments_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moments", "0001_initial"),
    ]

    operations = [migrations.RunSQL([(FROZEN / "0001_database.sql").read_text()], [UNDO])]
