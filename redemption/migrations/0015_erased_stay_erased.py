"""What the rules make sure of first (``accounts.erasing.lock_person``), the database makes sure of for all, sign-in's
library among them: an erased account stays blank, nothing personal is written about it, and no mail is queued for it.

A row that is written while its person is being erased waits for the end of that, and is then refused.
"""

from django.db import migrations

TABLES = {  # as in ``redemption.personal.registry.doomed()``; a test compares
    "account_emailaddress": "user_id",
    "accounts_member": "user_id",
    "accounts_signin": "user_id",
    "accounts_signinlink": "user_id",
    "mfa_authenticator": "user_id",
    "redemption_appeal": "customer_id",
    "redemption_membership": "user_id",
    "redemption_savedaddress": "customer_id",
    "redemption_stockwish": "customer_id",
    "socialaccount_socialaccount": "user_id",
    "usersessions_usersession": "user_id",
}
KEEP = """
CREATE FUNCTION redemption_stay_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN OLD;
END
$$;
CREATE TRIGGER stay_erased BEFORE UPDATE ON accounts_user
    FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL) EXECUTE FUNCTION redemption_stay_erased();

CREATE FUNCTION redemption_is_erased(person bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz;
BEGIN
    SELECT erased_at INTO at FROM accounts_user WHERE id = person FOR KEY SHARE;
    RETURN at IS NOT NULL;
END
$$;

CREATE FUNCTION redemption_refuse_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF redemption_is_erased((to_jsonb(NEW) ->> TG_ARGV[0])::bigint) THEN
        RAISE EXCEPTION 'this account was erased: % refused', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'person_is_erased';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION redemption_mail_nobody_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF redemption_is_erased(NEW.user_id) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER mail_nobody_erased BEFORE INSERT ON outbox_mail
    FOR EACH ROW WHEN (NEW.user_id IS NOT NULL) EXECUTE FUNCTION redemption_mail_nobody_erased();
"""
REFUSE = """
CREATE TRIGGER refuse_erased BEFORE INSERT ON {table}
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('{column}');
"""
UNDO = """
DROP TRIGGER mail_nobody_erased ON outbox_mail;
DROP TRIGGER stay_erased ON accounts_user;
DROP FUNCTION redemption_mail_nobody_erased();
DROP FUNCTION redemption_refuse_erased();
DROP FUNCTION redemption_is_erased(bigint);
DROP FUNCTION redemption_stay_erased();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("redemption", "0014_dearer_substitutes"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("accounts", "0011_erased_accounts"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("outbox", "0005_forgotten_mails"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(KEEP, UNDO),
        *(
            migrations.RunSQL(REFUSE.format(table=table, column=column), f"DROP TRIGGER refuse_erased ON {table};")
            for table, column in TABLES.items()
        ),
    ]
