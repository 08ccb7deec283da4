"""What the models cannot say: no product in a category group, and a ledger that cannot be rewritten."""

from django.db import migrations

KEEP_KIND = """
ALTER TABLE campaigns_groupproduct ADD CONSTRAINT group_product_kind_matches
    FOREIGN KEY (group_id, group_kind) REFERENCES campaigns_rewardgroup (id, kind) DEFERRABLE INITIALLY DEFERRED;
"""
APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_budgetentry
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial"), ("catalog", "0002_append_only")]

    operations = [
        migrations.RunSQL(KEEP_KIND, "ALTER TABLE campaigns_groupproduct DROP CONSTRAINT group_product_kind_matches;"),
        migrations.RunSQL(APPEND_ONLY, "DROP TRIGGER append_only ON campaigns_budgetentry;"),
    ]
