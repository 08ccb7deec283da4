"""The countries whose organizations cannot register, to begin with. Operators keep the list."""

from django.db import migrations

NOT_SUPPORTED = "Not supported by the programme."
EMBARGO = "Under an embargo of the United States."
COUNTRIES = {
    "AL": NOT_SUPPORTED,
    "CH": NOT_SUPPORTED,
    "RU": NOT_SUPPORTED,
    "SA": NOT_SUPPORTED,
    "ZA": NOT_SUPPORTED,
    "CU": EMBARGO,
    "IR": EMBARGO,
    "KP": EMBARGO,
    "SY": EMBARGO,
}


def fill(apps, schema_editor):
    rows = [apps.get_model("accounts", "IneligibleCountry")(code=code, reason=why) for code, why in COUNTRIES.items()]
    apps.get_model("accounts", "IneligibleCountry").objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
