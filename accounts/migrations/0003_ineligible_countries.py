"""The countries whose organizations cannot register, to begin with. Operators keep the list."""

from django.db import migrations

NOT_SUPPORTED = "Not supported by the program."
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


def load(apps, schema_editor):
    IneligibleCountry = apps.get_model("accounts", "IneligibleCountry")
    IneligibleCountry.objects.bulk_create(IneligibleCountry(code=code, reason=why) for code, why in COUNTRIES.items())


def unload(apps, schema_editor):
    apps.get_model("accounts", "IneligibleCountry").objects.filter(code__in=COUNTRIES).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_database")]

    operations = [migrations.RunPython(load, unload)]
