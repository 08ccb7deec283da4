from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DemoMark",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("marked_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_demo_mark")],
            },
        ),
        migrations.CreateModel(
            name="KeyFingerprint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        choices=[("MOMENTS_SECRET_KEY", "Secret"), ("MOMENTS_TOKEN_KEYS", "Token")], max_length=30
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, help_text="Of a token key; 0 of a secret key.")),
                ("digest", models.CharField(max_length=64)),
                ("first_used_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["first_used_at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("name", "version", "digest"), name="one_key_fingerprint")
                ],
            },
        ),
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
