from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_product_texts")]

    operations = [
        migrations.AlterField(
            model_name="csvimport",
            name="kind",
            field=models.CharField(
                choices=[
                    ("stock", "stock"),
                    ("prices", "prices"),
                    ("taxes", "tax rates"),
                    ("memberships", "memberships"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
    ]
