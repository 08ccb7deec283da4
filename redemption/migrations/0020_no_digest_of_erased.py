"""Nothing is written about an erased operator here either, as in ``0015_erased_stay_erased``."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER refuse_erased BEFORE INSERT ON redemption_digestoptout
    FOR EACH ROW EXECUTE FUNCTION redemption_refuse_erased('user_id');
"""
UNDO = "DROP TRIGGER refuse_erased ON redemption_digestoptout;"


class Migration(migrations.Migration):
    dependencies = [("redemption", "0019_operators_without_digest")]

    operations = [migrations.RunSQL(REFUSE, UNDO)]
