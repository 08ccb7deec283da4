import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportSubscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="report_subscription",
                        to="accounts.member",
                    ),
                ),
                (
                    "every",
                    models.CharField(
                        choices=[
                            ("week", "every Monday, of the week before"),
                            ("month", "on the first, of the month before"),
                        ],
                        max_length=5,
                        verbose_name="how often",
                    ),
                ),
                (
                    "mailed_up_to",
                    models.DateField(
                        help_text="The last day (UTC) that an email has covered.", verbose_name="emailed up to"
                    ),
                ),
            ],
            options={
                "verbose_name": "report subscription",
                "verbose_name_plural": "report subscriptions",
            },
        ),
    ]
