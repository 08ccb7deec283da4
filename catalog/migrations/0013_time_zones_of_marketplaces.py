from django.db import migrations, models

ZONES = {
    "US": "America/New_York",
    "CA": "America/Toronto",
    "MX": "America/Mexico_City",
    "BR": "America/Sao_Paulo",
    "UK": "Europe/London",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "IT": "Europe/Rome",
    "ES": "Europe/Madrid",
    "IN": "Asia/Kolkata",
    "JP": "Asia/Tokyo",
    "CN": "Asia/Shanghai",
    "AU": "Australia/Sydney",
}


def set_zones(apps, schema_editor):
    for code, zone in ZONES.items():
        apps.get_model("catalog", "Marketplace").objects.filter(code=code).update(time_zone=zone)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0012_imports_have_a_kind"),
    ]

    operations = [
        migrations.AddField(
            model_name="marketplace",
            name="time_zone",
            field=models.CharField(
                default="UTC",
                help_text="Customers see times in it until their browser says where they are.",
                max_length=64,
                verbose_name="time zone",
            ),
        ),
        migrations.RunPython(set_zones, migrations.RunPython.noop),
    ]
