"""The image of a reward is the picture of its product where the group has one alone."""

from pathlib import Path

from django.db import migrations

FROZEN = Path(__file__).parent / "frozen"


class Migration(migrations.Migration):
    dependencies = [("rewards", "0016_ids_and_keys_not_empty"), ("catalog", "0010_pictures")]

    operations = [
        migrations.RunSQL(
            [(FROZEN / "0017_issue.sql").read_text()],
            [(FROZEN / "0014_issue.sql").read_text()],
        ),
    ]
