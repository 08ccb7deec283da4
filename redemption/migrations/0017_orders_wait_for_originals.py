"""Whether an order waits for its original, and whether operators know that there is no substitute, become columns of the
order. Until now both were read out of the words of its history."""

from django.db import migrations, models

CARRY_OVER = """
UPDATE redemption_order o SET
    waits_for_original = coalesce((
        SELECT c.what = 'equal declined' FROM redemption_orderchange c
        WHERE c.order_id = o.id AND c.what IN ('missing', 'equal declined') ORDER BY c.at DESC, c.id DESC LIMIT 1
    ), FALSE) AND o.is_missing AND o.status = 'placed',
    no_substitute_since = (
        SELECT min(c.at) FROM redemption_orderchange c WHERE c.order_id = o.id AND c.what = 'no equal found'
    )
WHERE EXISTS (
    SELECT FROM redemption_orderchange c WHERE c.order_id = o.id AND c.what IN ('equal declined', 'no equal found')
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("redemption", "0016_refuse_truncate"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="waits_for_original",
            field=models.BooleanField(
                default=False,
                help_text="The customer declined a substitute: the next unit of the product is theirs.",
                verbose_name="waits for the original",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="no_substitute_since",
            field=models.DateTimeField(
                blank=True,
                help_text="When operators were told that nothing suitable is in stock.",
                null=True,
                verbose_name="no substitute since",
            ),
        ),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
    ]
