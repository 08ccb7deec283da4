-- What Django's models of this app cannot express. docs/database.md says how to change it.

-- The log of who read customer data is append-only.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON accounts_dataaccesslog
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON accounts_dataaccesslog
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();

-- `about` with a pseudonym in place of an email address, wherever the whole address occurs. An address that only ends
-- like it, or continues it, is somebody else's: kim@example.com stays when im@example.co is erased.
CREATE OR REPLACE FUNCTION accounts_without_address(about text, address text, pseudonym text) RETURNS text LANGUAGE sql IMMUTABLE
AS $$
    SELECT left(regexp_replace(
        about,
        '(?<![[:alnum:]._%+-])' || regexp_replace(address, '([^[:alnum:]])', '\\\1', 'g') || '(?![[:alnum:]-]|\.[[:alnum:]])',
        pseudonym, 'g'), 300)
$$;

-- The audit log is append-only with one exception: the erasure of a person replaces the person's address with a
-- pseudonym. It sets both for its transaction.
CREATE OR REPLACE FUNCTION accounts_keep_auditentry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    address text := current_setting('moments.erased_address', true);
    pseudonym text := current_setting('moments.pseudonym', true);
BEGIN
    IF TG_OP = 'UPDATE' AND address <> '' AND pseudonym LIKE 'erased-%@erased.invalid'
        AND (NEW.id, NEW.organization_id, NEW.occurred_at, NEW.actor_id, NEW.event)
            IS NOT DISTINCT FROM (OLD.id, OLD.organization_id, OLD.occurred_at, OLD.actor_id, OLD.event)
        AND NEW.about = accounts_without_address(OLD.about, address, pseudonym)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_keep_auditentry();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();
