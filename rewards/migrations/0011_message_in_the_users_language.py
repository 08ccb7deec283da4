"""The function that issues, as it is now: its message is in the language of the user."""

from pathlib import Path

from django.db import migrations

ISSUE = (Path(__file__).parent.parent / "sql" / "issue.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("rewards", "0010_traces_of_claims"), ("campaigns", "0010_translations")]

    operations = [migrations.RunSQL([ISSUE], migrations.RunSQL.noop)]
