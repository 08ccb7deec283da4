from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_stored_pictures"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="browser_time_zone",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Empty: the browser has not said.",
                max_length=64,
                verbose_name="time zone of the browser",
            ),
        ),
    ]
