from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moments", "0001_demo_mark_and_key_fingerprints"),
    ]

    operations = [
        migrations.CreateModel(
            name="LiveMark",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("marked_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_live_mark")],
            },
        ),
    ]
