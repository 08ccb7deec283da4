"""The histories of prices and of stock are append-only.

``catalog/database.sql`` has the current definitions; this runs the copy that was frozen with it.
"""

from pathlib import Path

from django.db import migrations

FROZEN = Path(__file__).parent / "frozen"
UNDO = """
DROP TRIGGER refuse_truncate ON catalog_pricechange;
DROP TRIGGER append_only ON catalog_pricechange;
DROP TRIGGER refuse_truncate ON catalog_stockmove;
DROP TRIGGER append_only ON catalog_stockmove;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("moments", "0002_database"),
    ]

    operations = [migrations.RunSQL([(FROZEN / "0001_database.sql").read_text()], [UNDO])]
