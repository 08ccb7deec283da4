-- What Django's models of this app cannot express. docs/database.md says how to change it.

-- Append-only tables. Ledgers and histories must not be rewritten, also not by somebody who has taken over the
-- application or by the owner of the tables by mistake. Every app hangs two triggers on each of its append-only tables:
-- `append_only` refuses UPDATE and DELETE of a row, `refuse_truncate` refuses to empty the table.
CREATE OR REPLACE FUNCTION moments_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;

-- Django's cache. It counts failed sign-ins, so it must not depend on Redis or be lost with it.
CREATE TABLE IF NOT EXISTS moments_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS moments_cache_expires ON moments_cache (expires);
