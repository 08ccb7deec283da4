import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import redemption.models.orders


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("catalog", "0001_initial"),
        ("rewards", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="appeals", to="rewards.reward"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="appeals", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "open"), ("allowed", "allowed"), ("declined", "declined")],
                        default="open",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="what the customer says")),
                ("found", models.JSONField(default=list)),
                ("language", models.CharField(default="en", max_length=10)),
                ("opened_at", models.DateTimeField(verbose_name="asked")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                ("answer", models.TextField(blank=True, max_length=2000, verbose_name="answer")),
            ],
            options={
                "verbose_name": "appeal",
                "verbose_name_plural": "appeals",
                "ordering": ["-opened_at"],
                "indexes": [models.Index(fields=["customer", "opened_at"], name="appeal_by_customer")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")), fields=("reward", "customer"), name="appeal_open_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BackInStockAlert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="wishes", to="rewards.reward"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="wishes", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="wishes", to="catalog.product"
                    ),
                ),
                ("language", models.CharField(default="en", max_length=10)),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("notified_at", models.DateTimeField(blank=True, null=True, verbose_name="notified")),
            ],
            options={
                "verbose_name": "back-in-stock alert",
                "verbose_name_plural": "back-in-stock alerts",
                "ordering": ["asked_at", "id"],
                "indexes": [
                    models.Index(condition=models.Q(("notified_at", None)), fields=["product"], name="wish_open")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("notified_at", None)), fields=("reward", "product"), name="wish_open_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DigestOptOut",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "occurred_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="since"),
                ),
            ],
            options={
                "verbose_name": "operator without the daily digest",
                "verbose_name_plural": "operators without the daily digest",
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shipping_memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(help_text="The last day it holds.", verbose_name="until")),
                (
                    "granted_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="granted"),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="membership_dates_in_order"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipient", models.CharField(max_length=120, verbose_name="full name")),
                ("street", models.CharField(blank=True, max_length=300, verbose_name="street address")),
                ("city", models.CharField(blank=True, max_length=120, verbose_name="city")),
                ("city_area", models.CharField(blank=True, max_length=120, verbose_name="district or neighborhood")),
                ("region", models.CharField(blank=True, max_length=80, verbose_name="state or province")),
                ("postal_code", models.CharField(blank=True, max_length=20, verbose_name="postal code")),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                (
                    "number",
                    models.CharField(
                        default=redemption.models.orders.new_order_number,
                        editable=False,
                        max_length=14,
                        unique=True,
                        verbose_name="number",
                    ),
                ),
                (
                    "reward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="rewards.reward"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="catalog.product"
                    ),
                ),
                (
                    "size",
                    models.CharField(
                        blank=True, help_text="As it was called when it was chosen.", max_length=40, verbose_name="size"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("placed", "placed"),
                            ("waiting", "waiting for your answer"),
                            ("picked", "picked"),
                            ("packed", "packed"),
                            ("shipped", "shipped"),
                            ("delivered", "delivered"),
                            ("canceled", "canceled"),
                            ("refunded", "refunded"),
                        ],
                        default="placed",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("language", models.CharField(default="en", max_length=10)),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("item_cents", models.BigIntegerField(verbose_name="item")),
                ("shipping_cents", models.BigIntegerField(verbose_name="shipping")),
                ("tax_cents", models.BigIntegerField(verbose_name="tax")),
                ("credit_cents", models.BigIntegerField(verbose_name="promo credit used")),
                (
                    "operator_paid_cents",
                    models.BigIntegerField(
                        default=0,
                        help_text="Beyond the credit: what a substitute costs more, or what is too little to be paid by card.",
                        verbose_name="paid by the operator",
                    ),
                ),
                (
                    "paid_cents",
                    models.BigIntegerField(
                        default=0, help_text="What it costs beyond the credit.", verbose_name="paid by the customer"
                    ),
                ),
                ("tax_rate", models.DecimalField(decimal_places=5, default=0, max_digits=7, verbose_name="tax rate")),
                (
                    "included_tax_cents",
                    models.BigIntegerField(
                        default=0,
                        help_text="Where prices include tax: told, never added.",
                        verbose_name="tax inside the prices",
                    ),
                ),
                (
                    "shipping_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "nothing to ship"),
                            ("member", "two days, free for members"),
                            ("free", "free from an amount on"),
                            ("flat", "flat rate"),
                        ],
                        max_length=8,
                        verbose_name="shipping",
                    ),
                ),
                ("is_two_day", models.BooleanField(default=False, verbose_name="two-day shipping")),
                ("carrier", models.CharField(blank=True, max_length=60, verbose_name="carrier")),
                ("tracking_number", models.CharField(blank=True, max_length=80, verbose_name="tracking number")),
                (
                    "is_missing",
                    models.BooleanField(
                        default=False,
                        help_text="Not on the shelf when it was to be picked: an equal is offered.",
                        verbose_name="missing",
                    ),
                ),
                (
                    "waits_for_original",
                    models.BooleanField(
                        default=False,
                        help_text="The customer declined a substitute: the next unit of the product is theirs.",
                        verbose_name="waits for the original",
                    ),
                ),
                (
                    "no_substitute_since",
                    models.DateTimeField(
                        blank=True,
                        help_text="When operators were told that nothing suitable is in stock.",
                        null=True,
                        verbose_name="no substitute since",
                    ),
                ),
                ("encrypted_content", models.TextField(blank=True, verbose_name="code or link, sealed")),
                ("placed_at", models.DateTimeField(verbose_name="placed")),
                ("shipped_at", models.DateTimeField(blank=True, null=True, verbose_name="shipped")),
                ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="delivered")),
                ("canceled_at", models.DateTimeField(blank=True, null=True, verbose_name="canceled")),
                ("refunded_at", models.DateTimeField(blank=True, null=True, verbose_name="refunded")),
                (
                    "forgotten_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Since then nothing says who it went to.",
                        null=True,
                        verbose_name="address forgotten",
                    ),
                ),
            ],
            options={
                "verbose_name": "order",
                "verbose_name_plural": "orders",
                "ordering": ["-placed_at"],
                "indexes": [models.Index(fields=["status", "placed_at"], name="order_queue")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["canceled", "refunded"]), _negated=True),
                        fields=("reward",),
                        name="order_once_per_reward",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credit_cents__gte", 0),
                            ("item_cents__gte", 0),
                            ("operator_paid_cents__gte", 0),
                            ("shipping_cents__gte", 0),
                            ("tax_cents__gte", 0),
                        ),
                        name="order_amounts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "item_cents",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("credit_cents"), "+", models.F("operator_paid_cents")
                                            ),
                                            "+",
                                            models.F("paid_cents"),
                                        ),
                                        "-",
                                        models.F("shipping_cents"),
                                    ),
                                    "-",
                                    models.F("tax_cents"),
                                ),
                            ),
                            ("paid_cents__gte", 0),
                        ),
                        name="order_is_paid_in_full",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FulfillmentRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fulfillment_requests",
                        to="redemption.order",
                    ),
                ),
                ("provider", models.CharField(max_length=20, verbose_name="provider")),
                (
                    "request_id",
                    models.CharField(
                        help_text="The same at every attempt: the order's number.",
                        max_length=14,
                        unique=True,
                        verbose_name="request id",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("needs_attention", "needs attention"),
                            ("queued", "queued"),
                            ("sending", "being sent"),
                            ("unknown", "unanswered"),
                            ("accepted", "accepted"),
                            ("canceled", "canceled"),
                        ],
                        default="queued",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="due")),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "provider_reference",
                    models.CharField(blank=True, max_length=100, verbose_name="the provider's number"),
                ),
                (
                    "absent_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When it last said, asked by an operator, that it has no such order.",
                        null=True,
                        verbose_name="not there",
                    ),
                ),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="queued"),
                ),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="accepted")),
            ],
            options={
                "verbose_name": "fulfillment request",
                "verbose_name_plural": "fulfillment requests",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["queued", "unknown"])),
                        fields=["due_at"],
                        name="fulfillment_due",
                    ),
                    models.Index(
                        condition=models.Q(("status", "sending")), fields=["claimed_at"], name="fulfillment_stuck"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("order",), name="fulfillment_once_per_order"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at__isnull", False), ("status", "accepted")),
                            models.Q(models.Q(("status", "accepted"), _negated=True), ("accepted_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="fulfillment_accepted_has_its_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="history", to="redemption.order"
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="when")),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("placed", "placed"),
                            ("picked", "picked"),
                            ("packed", "packed"),
                            ("shipped", "shipped"),
                            ("tracking_changed", "tracking changed"),
                            ("delivered", "delivered"),
                            ("canceled", "canceled"),
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
                        ],
                        max_length=40,
                        verbose_name="what",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="why")),
            ],
            options={
                "verbose_name": "change",
                "verbose_name_plural": "history",
                "ordering": ["occurred_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "event__in",
                                [
                                    "placed",
                                    "picked",
                                    "packed",
                                    "shipped",
                                    "tracking_changed",
                                    "delivered",
                                    "canceled",
                                    "refunded",
                                    "missing",
                                    "no_substitute",
                                    "substitute_offered",
                                    "substitute_accepted",
                                    "substitute_declined",
                                    "substitute_sold_out",
                                    "original_back",
                                    "provider_checked",
                                    "absent_at_provider",
                                    "accepted_too_late",
                                    "taken_back",
                                ],
                            )
                        ),
                        name="order_event_is_registered",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderPayment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="order_payments", to="rewards.reward"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order_payments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="redemption.order",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "begun"),
                            ("paid", "paid"),
                            ("refunding", "being refunded"),
                            ("refunded", "refunded"),
                            ("ended", "ended unpaid"),
                        ],
                        default="open",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("amount_cents", models.BigIntegerField(help_text="Minor units.", verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("language", models.CharField(default="en", max_length=10)),
                ("intent_id", models.CharField(blank=True, max_length=64, verbose_name="Stripe's number")),
                ("begun_at", models.DateTimeField(verbose_name="begun")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="why")),
            ],
            options={
                "verbose_name": "payment of an order",
                "verbose_name_plural": "payments of orders",
                "ordering": ["-begun_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["open", "refunding"])),
                        fields=["begun_at"],
                        name="order_payment_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")), fields=("reward",), name="order_payment_open_once"
                    ),
                    models.UniqueConstraint(fields=("order",), name="order_payment_once_per_order"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_cents__gt", 0)), name="order_payment_of_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "paid"), _negated=True), ("order__isnull", False), _connector="OR"
                        ),
                        name="order_payment_paid_for_an_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipient", models.CharField(max_length=120, verbose_name="full name")),
                ("street", models.CharField(blank=True, max_length=300, verbose_name="street address")),
                ("city", models.CharField(blank=True, max_length=120, verbose_name="city")),
                ("city_area", models.CharField(blank=True, max_length=120, verbose_name="district or neighborhood")),
                ("region", models.CharField(blank=True, max_length=80, verbose_name="state or province")),
                ("postal_code", models.CharField(blank=True, max_length=20, verbose_name="postal code")),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                (
                    "reward",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reservation", to="rewards.reward"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reservations", to="catalog.product"
                    ),
                ),
                (
                    "size",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.productsize",
                    ),
                ),
                (
                    "substitute_for",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
                (
                    "value_cents",
                    models.BigIntegerField(help_text="What it counts for while it is held.", verbose_name="value"),
                ),
                ("number", models.CharField(max_length=14, unique=True, verbose_name="number")),
                ("held_at", models.DateTimeField(verbose_name="held since")),
                ("held_until", models.DateTimeField(db_index=True, verbose_name="held until")),
            ],
            options={
                "verbose_name": "reservation",
                "verbose_name_plural": "reservations",
                "ordering": ["held_until"],
            },
        ),
        migrations.CreateModel(
            name="SavedAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipient", models.CharField(max_length=120, verbose_name="full name")),
                ("street", models.CharField(blank=True, max_length=300, verbose_name="street address")),
                ("city", models.CharField(blank=True, max_length=120, verbose_name="city")),
                ("city_area", models.CharField(blank=True, max_length=120, verbose_name="district or neighborhood")),
                ("region", models.CharField(blank=True, max_length=80, verbose_name="state or province")),
                ("postal_code", models.CharField(blank=True, max_length=20, verbose_name="postal code")),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_addresses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("last_used_at", models.DateTimeField(verbose_name="last used")),
            ],
            options={
                "verbose_name": "saved address",
                "verbose_name_plural": "saved addresses",
                "ordering": ["-last_used_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Substitution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="substitutions", to="redemption.order"
                    ),
                ),
                (
                    "original",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("offered", "offered"), ("accepted", "accepted"), ("declined", "declined")],
                        default="offered",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                (
                    "dearer_cents",
                    models.BigIntegerField(
                        default=0,
                        help_text="What it cost more than what it stands in for, when it was accepted.",
                        verbose_name="dearer by",
                    ),
                ),
                ("offered_at", models.DateTimeField(verbose_name="offered")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
            ],
            options={
                "verbose_name": "substitution",
                "verbose_name_plural": "substitutions",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "offered")), fields=("order",), name="substitution_open_once"
                    )
                ],
            },
        ),
    ]
