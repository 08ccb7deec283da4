-- What Django's models of this app cannot express. docs/database.md says how to change it.

-- The history of prices is append-only: what a reward was worth when it was issued can always be looked up.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON catalog_pricechange
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON catalog_pricechange
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();

-- The ledger of stock is append-only: a product's stock is the sum of its moves.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON catalog_stockmove
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON catalog_stockmove
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();
