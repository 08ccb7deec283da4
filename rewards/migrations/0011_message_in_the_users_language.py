"""The function that issues, as it is now: its message is in the language of the user."""

import re
from pathlib import Path

from django.db import migrations

ISSUE = (Path(__file__).parent / "frozen" / "0011_issue.sql").read_text()
# As it was: the code before knows no translations, and their column goes with them.
BEFORE = re.sub(
    r"message := coalesce\(.*?v_campaign\.redemption_message\);",
    "message := v_campaign.redemption_message;",
    ISSUE,
    flags=re.DOTALL,
)


class Migration(migrations.Migration):
    dependencies = [("rewards", "0010_traces_of_claims"), ("campaigns", "0010_translations")]

    operations = [migrations.RunSQL([ISSUE], [BEFORE])]
