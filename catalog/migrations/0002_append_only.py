"""The history of prices and of stock cannot be rewritten: the database refuses UPDATE and DELETE.

``moments_refuse_change()`` serves the ledgers of the apps to the right as well.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION moments_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;
"""

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
"""


def append_only(table):
    return migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER append_only ON {table};")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION moments_refuse_change();"),
        append_only("catalog_pricechange"),
        append_only("catalog_stockmove"),
    ]
