"""The function that issues takes limits from the rows that it has locked, not from what it read before it waited."""

from pathlib import Path

from django.db import migrations

FROZEN = Path(__file__).parent / "frozen"


class Migration(migrations.Migration):
    dependencies = [("rewards", "0011_message_in_the_users_language")]

    operations = [
        migrations.RunSQL(
            [(FROZEN / "0012_issue.sql").read_text()],
            [(FROZEN / "0011_issue.sql").read_text()],
        )
    ]
