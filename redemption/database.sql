-- What Django's models of this app cannot express. docs/database.md says how to change it.

-- Erased accounts stay erased. The rules lock the account first (`accounts.privacy.user_lock`). These triggers hold also for code
-- that knows no rule of ours, the sign-in library among it: an erased account stays blank, no personal row is added to
-- it, and no email is queued for it.

-- An update of an erased account changes nothing.
CREATE OR REPLACE FUNCTION redemption_stay_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN OLD;
END
$$;
CREATE OR REPLACE TRIGGER stay_erased BEFORE UPDATE ON accounts_user
    FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL) EXECUTE FUNCTION redemption_stay_erased();

-- Waits for an erasure of this person that is not yet committed, and then sees it.
CREATE OR REPLACE FUNCTION redemption_is_erased(person bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz;
BEGIN
    SELECT erased_at INTO at FROM accounts_user WHERE id = person FOR KEY SHARE;
    RETURN at IS NOT NULL;
END
$$;

-- A row that is not queued fails nothing: the caller goes on without the email.
CREATE OR REPLACE FUNCTION redemption_mail_nobody_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF redemption_is_erased(NEW.user_id) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER mail_nobody_erased BEFORE INSERT ON outbox_mail
    FOR EACH ROW WHEN (NEW.user_id IS NOT NULL) EXECUTE FUNCTION redemption_mail_nobody_erased();

-- The argument of the trigger is the column that names the person. A test compares these tables with
-- `redemption.privacy.registry.columns_to_delete()`.
CREATE OR REPLACE FUNCTION redemption_refuse_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF redemption_is_erased((to_jsonb(NEW) ->> TG_ARGV[0])::bigint) THEN
        RAISE EXCEPTION 'this account was erased: % refused', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'person_is_erased';
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON account_emailaddress
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('user_id');
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON accounts_member
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('user_id');
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON accounts_signin
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('user_id');
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON accounts_signinlink
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('user_id');
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON mfa_authenticator
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('user_id');
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON redemption_appeal
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('customer_id');
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON redemption_digestoptout
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('user_id');
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON redemption_membership
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('user_id');
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON redemption_savedaddress
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('customer_id');
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON redemption_backinstockalert
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('customer_id');
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON socialaccount_socialaccount
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('user_id');
CREATE OR REPLACE TRIGGER refuse_erased BEFORE INSERT ON usersessions_usersession
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('user_id');
