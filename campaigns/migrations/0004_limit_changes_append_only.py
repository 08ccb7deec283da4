"""The history of organizations' limits cannot be rewritten."""

from django.db import migrations

APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_organizationlimitchange
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_holds")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, "DROP TRIGGER append_only ON campaigns_organizationlimitchange;"),
    ]
