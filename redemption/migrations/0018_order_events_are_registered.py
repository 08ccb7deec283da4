"""The lines of an order's history name an event out of a fixed list instead of words."""

from django.db import migrations, models

EVENTS = [
    ("placed", "placed"),
    ("picked", "picked"),
    ("packed", "packed"),
    ("shipped", "shipped"),
    ("tracking_changed", "tracking changed"),
    ("delivered", "delivered"),
    ("cancelled", "cancelled"),
    ("refunded", "refunded"),
    ("missing", "missing"),
    ("no_substitute", "no substitute found"),
    ("substitute_offered", "substitute offered"),
    ("substitute_accepted", "substitute accepted"),
    ("substitute_declined", "substitute declined"),
    ("substitute_sold_out", "substitute sold out"),
    ("original_back", "original back in stock"),
    ("provider_checked", "checked with the provider"),
    ("absent_at_provider", "not found at the provider"),
    ("accepted_too_late", "accepted too late by the provider"),
    ("taken_back", "canceled at the provider"),
]
IN_WORDS = {
    "tracking changed": "tracking_changed",
    "no equal found": "no_substitute",
    "equal offered": "substitute_offered",
    "equal accepted": "substitute_accepted",
    "equal declined": "substitute_declined",
    "equal sold out": "substitute_sold_out",
    "original is back": "original_back",
    "checked with the provider": "provider_checked",
    "not at the provider": "absent_at_provider",
    "accepted too late": "accepted_too_late",
    "taken back": "taken_back",
}
CARRY_OVER = [
    ("UPDATE redemption_orderchange SET what = %s WHERE what = %s", [event, words]) for words, event in IN_WORDS.items()
]
GO_BACK = [
    ("UPDATE redemption_orderchange SET what = %s WHERE what = %s", [words, event]) for words, event in IN_WORDS.items()
]


class Migration(migrations.Migration):
    dependencies = [
        ("redemption", "0017_orders_wait_for_originals"),
    ]

    operations = [
        migrations.AlterField(
            model_name="orderchange",
            name="what",
            field=models.CharField(choices=EVENTS, max_length=40, verbose_name="what"),
        ),
        migrations.RunSQL(CARRY_OVER, GO_BACK),
        migrations.AddConstraint(
            model_name="orderchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("what__in", [event for event, _label in EVENTS])), name="order_event_is_registered"
            ),
        ),
    ]
