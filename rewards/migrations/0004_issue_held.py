"""The function that issues, as it is now: it refuses what is held for review."""

from pathlib import Path

from django.db import migrations

ISSUE = (Path(__file__).parent / "frozen" / "0011_issue.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("rewards", "0003_books"), ("campaigns", "0003_holds")]

    operations = [migrations.RunSQL([ISSUE], migrations.RunSQL.noop)]
