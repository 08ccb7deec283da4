from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("redemption", "0006_reservations_and_payments"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="order", name="order_once_per_reward"),
        migrations.AddField(
            model_name="order",
            name="refunded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="refunded"),
        ),
        migrations.AlterField(
            model_name="order",
            name="status",
            field=models.CharField(
                choices=[
                    ("placed", "placed"),
                    ("waiting", "waiting for your answer"),
                    ("picked", "picked"),
                    ("packed", "packed"),
                    ("shipped", "shipped"),
                    ("delivered", "delivered"),
                    ("cancelled", "cancelled"),
                    ("refunded", "refunded"),
                ],
                default="placed",
                max_length=12,
                verbose_name="status",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["cancelled", "refunded"]), _negated=True),
                fields=("reward",),
                name="order_once_per_reward",
            ),
        ),
    ]
