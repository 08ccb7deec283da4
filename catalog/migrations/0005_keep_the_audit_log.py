"""The audit log cannot be rewritten. Here, beside the function that refuses it for every ledger."""

from django.db import migrations

APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_product_fulfilment"), ("accounts", "0006_audit_log")]

    operations = [migrations.RunSQL(APPEND_ONLY, "DROP TRIGGER append_only ON accounts_auditentry;")]
