import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(unique=True, verbose_name="short name")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="CsvImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("stock", "stock"),
                            ("prices", "prices"),
                            ("taxes", "tax rates"),
                            ("rates", "exchange rates"),
                            ("memberships", "memberships"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(editable=False, max_length=64)),
                ("content", models.BinaryField()),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
                ("uploaded_at", models.DateTimeField(verbose_name="uploaded")),
                (
                    "applied_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="applied by",
                    ),
                ),
                ("applied_at", models.DateTimeField(null=True, verbose_name="applied")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="lines done")),
                ("done_before", models.PositiveIntegerField(default=0, verbose_name="done before")),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-uploaded_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="DeliveryCountry",
            fields=[
                (
                    "code",
                    models.CharField(
                        help_text="ISO 3166-1, two letters.",
                        max_length=2,
                        primary_key=True,
                        serialize=False,
                        verbose_name="country",
                    ),
                ),
                ("is_served", models.BooleanField(default=True, verbose_name="served")),
            ],
            options={
                "verbose_name": "delivery country",
                "verbose_name_plural": "delivery countries",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("usd", models.DecimalField(decimal_places=8, max_digits=18, verbose_name="US dollars for one")),
                ("valid_from", models.DateField(verbose_name="valid from")),
            ],
            options={
                "verbose_name": "exchange rate",
                "verbose_name_plural": "exchange rates",
                "ordering": ["currency", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(fields=("currency", "valid_from"), name="exchange_rate_once"),
                    models.CheckConstraint(condition=models.Q(("usd__gt", 0)), name="exchange_rate_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Marketplace",
            fields=[
                ("code", models.CharField(max_length=2, primary_key=True, serialize=False, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("language", models.CharField(default="en", max_length=10, verbose_name="language")),
                ("prices_include_tax", models.BooleanField(default=False, verbose_name="prices include tax")),
                (
                    "free_shipping_from_cents",
                    models.BigIntegerField(help_text="Minor units.", verbose_name="free shipping from"),
                ),
                (
                    "flat_shipping_cents",
                    models.BigIntegerField(help_text="Minor units.", verbose_name="flat shipping below that"),
                ),
                (
                    "delivery_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        help_text="After which a parcel has usually arrived. Customers read it.",
                        verbose_name="days on the way",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        help_text="Customers see times in it until their browser says where they are.",
                        max_length=64,
                        verbose_name="time zone",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                (
                    "countries",
                    models.ManyToManyField(
                        related_name="marketplaces", to="catalog.deliverycountry", verbose_name="delivers to"
                    ),
                ),
            ],
            options={
                "verbose_name": "marketplace",
                "verbose_name_plural": "marketplaces",
                "ordering": ["position"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("flat_shipping_cents__gte", 0), ("free_shipping_from_cents__gte", 0)),
                        name="marketplace_shipping_not_negative",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "marketplace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="products", to="catalog.marketplace"
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="products", to="catalog.category"
                    ),
                ),
                ("sku", models.CharField(max_length=40, unique=True, verbose_name="SKU")),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "kind",
                    models.CharField(
                        choices=[("physical", "physical"), ("digital", "digital"), ("made_to_order", "made to order")],
                        default="physical",
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "list_price_cents",
                    models.BigIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)], verbose_name="list price"
                    ),
                ),
                (
                    "price_cents",
                    models.BigIntegerField(
                        help_text="Minor units. Each change is kept.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="selling price",
                    ),
                ),
                ("stock", models.IntegerField(default=0, verbose_name="in stock")),
                (
                    "is_offered",
                    models.BooleanField(default=True, help_text="Developers can choose it.", verbose_name="offered"),
                ),
                (
                    "is_curated",
                    models.BooleanField(default=True, help_text="Category rewards show it.", verbose_name="curated"),
                ),
                (
                    "own_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_products",
                        to="accounts.organization",
                        verbose_name="own product of",
                    ),
                ),
                (
                    "fulfillment",
                    models.CharField(
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
                (
                    "picture",
                    models.ImageField(
                        blank=True,
                        help_text="PNG or JPEG, the longer side 480 to 2400 pixels.",
                        upload_to="products/",
                        verbose_name="picture",
                    ),
                ),
                (
                    "picture_alt",
                    models.CharField(
                        blank=True,
                        help_text="For those who cannot see it.",
                        max_length=200,
                        verbose_name="what the picture shows",
                    ),
                ),
                (
                    "translations",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Language → title and description.",
                        verbose_name="texts in other languages",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
                "ordering": ["title"],
                "indexes": [models.Index(fields=["marketplace", "category", "price_cents"], name="product_by_value")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("stock__gte", 0)), name="product_stock_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("list_price_cents__gt", 0), ("price_cents__gt", 0)),
                        name="product_price_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fulfillment", "warehouse"), ("kind", "digital"), _connector="OR"),
                        name="product_provider_only_digital",
                        violation_error_message="A provider delivers digital items only.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ManualSubstitute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="equals", to="catalog.product"
                    ),
                ),
                (
                    "equal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.product",
                        verbose_name="offered instead",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="position")),
                (
                    "is_value_checked",
                    models.BooleanField(
                        default=False,
                        help_text="It may be worth less than the original, or more than a tenth above it. What it costs more is yours.",
                        verbose_name="value looked at",
                    ),
                ),
            ],
            options={
                "verbose_name": "manual substitute",
                "verbose_name_plural": "manual substitutes",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("product", "equal"), name="product_equal_once"),
                    models.CheckConstraint(
                        condition=models.Q(("product", models.F("equal")), _negated=True),
                        name="product_equal_is_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PriceChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="price_changes", to="catalog.product"
                    ),
                ),
                ("price_cents", models.BigIntegerField(verbose_name="selling price")),
                ("occurred_at", models.DateTimeField(verbose_name="from")),
            ],
            options={
                "verbose_name": "price change",
                "verbose_name_plural": "price changes",
                "ordering": ["-occurred_at", "-id"],
                "indexes": [models.Index(fields=["product", "occurred_at"], name="price_change_by_time")],
            },
        ),
        migrations.CreateModel(
            name="ProductPicture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pictures", to="catalog.product"
                    ),
                ),
                ("image", models.ImageField(upload_to="products/", verbose_name="picture")),
                ("alt", models.CharField(max_length=200, verbose_name="what it shows")),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="position")),
            ],
            options={
                "verbose_name": "further picture",
                "verbose_name_plural": "further pictures",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="ProductSize",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sizes", to="catalog.product"
                    ),
                ),
                ("label", models.CharField(max_length=40, verbose_name="size")),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="position")),
                ("stock", models.IntegerField(default=0, editable=False, verbose_name="in stock")),
            ],
            options={
                "verbose_name": "size",
                "verbose_name_plural": "sizes",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("product", "label"), name="product_size_once"),
                    models.CheckConstraint(
                        condition=models.Q(("stock__gte", 0)), name="product_size_stock_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stock_moves", to="catalog.product"
                    ),
                ),
                (
                    "size",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock_moves",
                        to="catalog.productsize",
                        verbose_name="size",
                    ),
                ),
                ("units", models.IntegerField(verbose_name="units")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("delivery", "delivery"),
                            ("order", "order"),
                            ("return", "put back"),
                            ("count", "count"),
                        ],
                        max_length=12,
                        verbose_name="reason",
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=80, verbose_name="reference")),
                ("occurred_at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "stock move",
                "verbose_name_plural": "stock moves",
                "ordering": ["-occurred_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        fields=("product", "reason", "reference"),
                        name="stock_move_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "marketplace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tax_rates", to="catalog.marketplace"
                    ),
                ),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("region", models.CharField(blank=True, max_length=40, verbose_name="state or province")),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=5, help_text="0.10000 is 10 %.", max_digits=7, verbose_name="rate"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
            ],
            options={
                "verbose_name": "tax rate",
                "verbose_name_plural": "tax rates",
                "ordering": ["marketplace", "country", "region", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("marketplace", "country", "region", "valid_from"), name="tax_rate_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("rate__gte", 0), ("rate__lt", 1)), name="tax_rate_sane"),
                ],
            },
        ),
    ]
