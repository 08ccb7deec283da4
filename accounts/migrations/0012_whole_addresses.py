from django.db import migrations

# An address that ends like another, or goes on, is another's: kim@example.com stays where im@example.co is erased.
WHOLE = r"""
CREATE FUNCTION accounts_without_address(about text, address text, pseudonym text) RETURNS text LANGUAGE sql IMMUTABLE
AS $$
    SELECT left(regexp_replace(
        about,
        '(?<![[:alnum:]._%+-])' || regexp_replace(address, '([^[:alnum:]])', '\\\1', 'g') || '(?![[:alnum:]-]|\.[[:alnum:]])',
        pseudonym, 'g'), 300)
$$;
"""
KEEP = """
CREATE OR REPLACE FUNCTION accounts_keep_auditentry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    address text := current_setting('moments.erased_address', true);
    pseudonym text := current_setting('moments.pseudonym', true);
BEGIN
    IF TG_OP = 'UPDATE' AND address <> '' AND pseudonym LIKE 'erased-%@erased.invalid'
        AND (NEW.id, NEW.organization_id, NEW.at, NEW.by_id, NEW.what)
            IS NOT DISTINCT FROM (OLD.id, OLD.organization_id, OLD.at, OLD.by_id, OLD.what)
        AND NEW.about = {about}
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;
"""
NOW = KEEP.replace("{about}", "accounts_without_address(OLD.about, address, pseudonym)")
BEFORE = KEEP.replace("{about}", "left(replace(OLD.about, address, pseudonym), 300)")
DROP = "DROP FUNCTION accounts_without_address(text, text, text);"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_erased_accounts")]

    operations = [migrations.RunSQL([WHOLE, NOW], [BEFORE, DROP])]
