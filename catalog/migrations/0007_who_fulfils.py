from django.db import migrations, models


def name_people(apps, schema_editor):
    apps.get_model("catalog", "Product").objects.filter(fulfilment="").update(fulfilment="warehouse")


def unname_people(apps, schema_editor):
    apps.get_model("catalog", "Product").objects.filter(fulfilment="warehouse").update(fulfilment="")


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_sizes"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="product", name="product_provider_only_digital"),
        migrations.AddField(
            model_name="marketplace",
            name="delivery_days",
            field=models.PositiveSmallIntegerField(
                default=7,
                help_text="After which a parcel has usually arrived. Customers read it.",
                verbose_name="days on the way",
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="fulfilment",
            field=models.CharField(
                choices=[
                    ("warehouse", "our people"),
                    ("gift_codes", "Amazon gift codes"),
                    ("tremendous", "Tremendous"),
                ],
                default="warehouse",
                help_text="People pick, pack and send. A provider delivers digital items as soon as they are ordered.",
                max_length=20,
                verbose_name="fulfilled by",
            ),
        ),
        migrations.RunPython(name_people, unname_people),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("fulfilment", "warehouse"), ("kind", "digital"), _connector="OR"),
                name="product_provider_only_digital",
                violation_error_message="A provider delivers digital items only.",
            ),
        ),
    ]
