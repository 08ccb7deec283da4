-- What Django's models of this app cannot express. docs/database.md says how to change it.

-- A product belongs only to a reward group of its own kind, never to a category group. Django has no foreign keys with
-- two columns.
ALTER TABLE campaigns_groupproduct DROP CONSTRAINT IF EXISTS group_product_kind_matches;
ALTER TABLE campaigns_groupproduct ADD CONSTRAINT group_product_kind_matches
    FOREIGN KEY (group_id, group_kind) REFERENCES campaigns_rewardgroup (id, kind) DEFERRABLE INITIALLY DEFERRED;

-- The ledger of budgets is append-only: what a campaign has spent is the sum of its entries.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_budgetentry
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON campaigns_budgetentry
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();

-- The history of organizations' limits is append-only.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_organizationlimitchange
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON campaigns_organizationlimitchange
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();

-- A statement keeps what was issued: whose it is, its month, number, amounts and time. It may be paid, or carried over
-- to one later statement, which is then final.
CREATE OR REPLACE FUNCTION moments_keep_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.organization_id, NEW.month, NEW.number, NEW.total_cents, NEW.issued_at, NEW.carried_cents)
            IS DISTINCT FROM (OLD.organization_id, OLD.month, OLD.number, OLD.total_cents, OLD.issued_at, OLD.carried_cents) THEN
        RAISE EXCEPTION 'a statement that was issued stays as it is';
    END IF;
    IF OLD.carried_to_id IS NOT NULL AND NEW.carried_to_id IS DISTINCT FROM OLD.carried_to_id THEN
        RAISE EXCEPTION 'a statement is carried over once';
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER keep_statement BEFORE UPDATE OR DELETE ON campaigns_statement
    FOR EACH ROW EXECUTE FUNCTION moments_keep_statement();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON campaigns_statement
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();

-- The lines of a statement are append-only.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_statementline
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON campaigns_statementline
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();
