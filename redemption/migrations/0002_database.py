"""Erased accounts stay erased.

``redemption/database.sql`` has the current definitions; this runs the copy that was frozen with it.
"""

from pathlib import Path

from django.db import migrations

FROZEN = Path(__file__).parent / "frozen"
UNDO = """
DROP TRIGGER refuse_erased ON account_emailaddress;
DROP TRIGGER refuse_erased ON accounts_member;
DROP TRIGGER refuse_erased ON accounts_signin;
DROP TRIGGER refuse_erased ON accounts_signinlink;
DROP TRIGGER refuse_erased ON mfa_authenticator;
DROP TRIGGER refuse_erased ON redemption_appeal;
DROP TRIGGER refuse_erased ON redemption_digestoptout;
DROP TRIGGER refuse_erased ON redemption_membership;
DROP TRIGGER refuse_erased ON redemption_savedaddress;
DROP TRIGGER refuse_erased ON redemption_backinstockalert;
DROP TRIGGER refuse_erased ON socialaccount_socialaccount;
DROP TRIGGER refuse_erased ON usersessions_usersession;
DROP TRIGGER mail_nobody_erased ON outbox_mail;
DROP TRIGGER stay_erased ON accounts_user;
DROP FUNCTION redemption_refuse_erased();
DROP FUNCTION redemption_mail_nobody_erased();
DROP FUNCTION redemption_is_erased(bigint);
DROP FUNCTION redemption_stay_erased();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("redemption", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("outbox", "0001_initial"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("usersessions", "0001_initial"),
    ]

    operations = [migrations.RunSQL([(FROZEN / "0001_database.sql").read_text()], [UNDO])]
