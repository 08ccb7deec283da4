"""What is append-only cannot be emptied either, by nobody: statement triggers beside those that keep each row."""

from django.db import migrations

KEPT = """
    SELECT DISTINCT t.tgrelid::regclass AS kept FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname IN ('append_only', 'keep_statement') AND c.relnamespace = 'public'::regnamespace
"""
REFUSE = f"""
DO $$ DECLARE found record; BEGIN
    FOR found IN {KEPT} LOOP
        EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT '
            'EXECUTE FUNCTION moments_refuse_change()', found.kept);
    END LOOP;
END $$;
"""
ALLOW = f"""
DO $$ DECLARE found record; BEGIN
    FOR found IN {KEPT} LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS refuse_truncate ON %s', found.kept);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_whole_addresses"),
        ("campaigns", "0013_carry_over_small_statements"),
        ("catalog", "0012_imports_have_a_kind"),
        ("outbox", "0005_forgotten_mails"),
        ("redemption", "0015_erased_stay_erased"),
        ("rewards", "0016_ids_and_keys_not_empty"),
    ]

    operations = [migrations.RunSQL([REFUSE], [ALLOW])]
