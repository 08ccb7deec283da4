from django.db import migrations, models

from moments.security.encryption import seal, unseal


def seal_codes(apps, schema_editor):
    rewrite(apps.get_model("redemption", "Order"), seal)


def unseal_codes(apps, schema_editor):
    rewrite(apps.get_model("redemption", "Order"), unseal)


def rewrite(Order, change):
    orders = Order.objects.exclude(sealed_content="").only("number", "sealed_content")
    for order in orders.iterator(chunk_size=500):
        content = change(order.sealed_content, purpose=f"content of order {order.number}")
        Order.objects.filter(pk=order.pk).update(sealed_content=content)


class Migration(migrations.Migration):
    """The column keeps its name, so that workers of the version before can still read the table."""

    dependencies = [
        ("redemption", "0007_order_steps"),
    ]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="digital_content",
            field=models.TextField(blank=True, db_column="digital_content", verbose_name="code or link, sealed"),
        ),
        migrations.RenameField(model_name="order", old_name="digital_content", new_name="sealed_content"),
        migrations.RunPython(seal_codes, unseal_codes),
    ]
